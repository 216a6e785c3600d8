# gnuplot appendix_a3.gnuplot draws appendix_a3.svg and appendix_a3.png
if (!exists('stem')) stem = 'appendix_a3'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'T = 1': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 83.98 83.1587304 84.8012696 0
1 84.54 83.92999369 85.15000631 0
2 84.37 83.80081254 84.93918746 0
3 84.48 84.10490343 84.85509657 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 83.69 -0.333
0 83.91 0
0 84.34 0.333
1 84.6 -0.333
1 84.27 0
1 84.75 0.333
2 84.12 -0.333
2 84.42 0
2 84.57 0.333
3 84.32 -0.333
3 84.5 0
3 84.62 0.333
EOD
# 'T = 1.5': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0 83.98 83.1587304 84.8012696 0
1 84.37 83.22972938 85.51027062 0
2 84.08 82.76059778 85.39940222 0
3 83.71 83.00256573 84.41743427 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0 83.69 -0.333
0 83.91 0
0 84.34 0.333
1 84.3 -0.333
1 83.95 0
1 84.86 0.333
2 83.48 -0.333
2 84.27 0
2 84.49 0.333
3 83.4 -0.333
3 83.96 0
3 83.77 0.333
EOD
# 'T = 2': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 83.98 83.1587304 84.8012696 0
1 84.25333333 83.58846867 84.91819799 0
2 83.72 82.16012766 85.27987234 0
3 82.83666667 82.21795511 83.45537822 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 83.69 -0.333
0 83.91 0
0 84.34 0.333
1 84.03 -0.333
1 84.18 0
1 84.55 0.333
2 83.06 -0.333
2 83.79 0
2 84.31 0.333
3 82.55 -0.333
3 83 0
3 82.96 0.333
EOD
# 'T = 1': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 0.4997976976 0.4371489274 0.5624464677 0
1 0.4655516324 0.4183454003 0.5127578645 0
2 0.460975618 0.4504026466 0.4715485895 0
3 0.4530554967 0.4343613561 0.4717496373 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 0.4949086783 -0.333
0 0.5271037739 0
0 0.4773806405 0.333
1 0.4528360178 -0.333
1 0.4873965751 0
1 0.4564223041 0.333
2 0.4595461155 -0.333
2 0.4657625404 0
2 0.4576181982 0.333
3 0.4536532436 -0.333
3 0.4602642017 0
3 0.4452490449 0.333
EOD
# 'T = 1.5': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0 0.4997976976 0.4371489274 0.5624464677 0
1 0.4508134739 0.4303988629 0.4712280849 0
2 0.5330633942 0.4865220792 0.5796047092 0
3 0.7296260144 0.6672254549 0.7920265739 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0 0.4949086783 -0.333
0 0.5271037739 0
0 0.4773806405 0.333
1 0.4473210596 -0.333
1 0.4602008583 0
1 0.4449185039 0.333
2 0.5534422995 -0.333
2 0.5165858261 0
2 0.529162057 0.333
3 0.7475702989 -0.333
3 0.7009182046 0
3 0.7403895398 0.333
EOD
# 'T = 2': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 0.4997976976 0.4371489274 0.5624464677 0
1 0.4906810824 0.4807248723 0.5006372924 0
2 0.8383040835 0.7758150833 0.9007930838 0
3 1.369908225 1.312005709 1.42781074 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 0.4949086783 -0.333
0 0.5271037739 0
0 0.4773806405 0.333
1 0.4950564737 -0.333
1 0.4871875012 0
1 0.4897992722 0.333
2 0.8648971539 -0.333
2 0.8148887079 0
2 0.8351263888 0.333
3 1.394086305 -0.333
3 1.347578574 0
3 1.368059794 0.333
EOD
# 'T = 1': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
0 0.1783659559 0.1385724499 0.2181594619 0
1 0.2102722635 0.1570516501 0.2634928769 0
2 0.2345884081 0.1829662029 0.2862106133 0
3 0.2508270367 0.1904576348 0.3111964386 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
0 0.182359641 -0.333
0 0.1607278998 0
0 0.192010327 0.333
1 0.2284615433 -0.333
1 0.186656671 0
1 0.2156985762 0.333
2 0.2434156336 -0.333
2 0.2108512611 0
2 0.2494983296 0.333
3 0.2535497293 -0.333
3 0.2252783961 0
3 0.2736529847 0.333
EOD
# 'T = 1.5': x, mean, the interval's ends, whether it stands alone
$mean_3_2 << EOD
0 0.1783659559 0.1385724499 0.2181594619 0
1 0.4032383893 0.3225197184 0.4839570602 0
2 0.7950969515 0.6764323406 0.9137615624 0
3 1.30659954 1.188389655 1.424809425 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_2 << EOD
0 0.182359641 -0.333
0 0.1607278998 0
0 0.192010327 0.333
1 0.4070787368 -0.333
1 0.3689952316 0
1 0.4336411996 0.333
2 0.8130964125 -0.333
2 0.7409431998 0
2 0.8312512421 0.333
3 1.315278671 -0.333
3 1.255271457 0
3 1.349248491 0.333
EOD
# 'T = 2': x, mean, the interval's ends, whether it stands alone
$mean_3_3 << EOD
0 0.1783659559 0.1385724499 0.2181594619 0
1 0.6451610552 0.538122226 0.7521998845 0
2 1.507538592 1.407262616 1.607814569 0
3 2.079594148 2.044912753 2.114275544 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_3 << EOD
0 0.182359641 -0.333
0 0.1607278998 0
0 0.192010327 0.333
1 0.665830099 -0.333
1 0.5956315257 0
1 0.674021541 0.333
2 1.544697204 -0.333
2 1.46458956 0
2 1.513329013 0.333
3 2.0945595 -0.333
3 2.066920891 0
3 2.077302054 0.333
EOD
# 'T = 1': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
0 -2.635786347 -3.087048595 -2.1845241 0
1 -2.23153943 -2.544688375 -1.918390485 0
2 -2.005811086 -2.238316646 -1.773305526 0
3 -1.900701219 -2.26131078 -1.540091658 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
0 -2.580547628 -0.333
0 -2.838651136 0
0 -2.488160278 0.333
1 -2.1595231 -0.333
1 -2.377097639 0
1 -2.157997551 0.333
2 -1.997327302 -0.333
2 -2.103360243 0
2 -1.916745712 0.333
3 -1.906637553 -0.333
3 -2.042806871 0
3 -1.752659231 0.333
EOD
# 'T = 1.5': x, mean, the interval's ends, whether it stands alone
$mean_4_2 << EOD
0 -2.635786347 -3.087048595 -2.1845241 0
1 -1.184872821 -1.424541718 -0.9452039238 0
2 -0.435446645 -0.5658175831 -0.305075707 0
3 -0.2633546155 -0.3414674431 -0.1852417879 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_2 << EOD
0 -2.580547628 -0.333
0 -2.838651136 0
0 -2.488160278 0.333
1 -1.168262348 -0.333
1 -1.288579339 0
1 -1.097776776 0.333
2 -0.418738513 -0.333
2 -0.4942479351 0
2 -0.3933534869 0.333
3 -0.2312125756 -0.333
3 -0.2940520715 0
3 -0.2647991994 0.333
EOD
# 'T = 2': x, mean, the interval's ends, whether it stands alone
$mean_4_3 << EOD
0 -2.635786347 -3.087048595 -2.1845241 0
1 -0.641222952 -0.7982835281 -0.4841623759 0
2 -0.3557708413 -0.4240574665 -0.2874842162 0
3 -1.101625378 -1.222681899 -0.9805688565 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_3 << EOD
0 -2.580547628 -0.333
0 -2.838651136 0
0 -2.488160278 0.333
1 -0.6132000816 -0.333
1 -0.7136166535 0
1 -0.5968521209 0.333
2 -0.3682864979 -0.333
2 -0.3242510357 0
2 -0.3747749903 0.333
3 -1.132921592 -0.333
3 -1.045477896 0
3 -1.126476645 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,654 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1308 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Sequential self-distillation by temperature (reduced setting)' at screen 0.50000,0.96254 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.05031 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.03104 left font ',9'
set arrow from screen 0.34080,0.92859 to screen 0.37330,0.92859 nohead lw 2 lc rgb '#00407A'
set label '' at screen 0.35705,0.92859 point pt 7 ps 0.7 lc rgb '#00407A'
set label 'T = 1' at screen 0.37955,0.92859 left
set arrow from screen 0.44180,0.92859 to screen 0.47430,0.92859 nohead lw 2 lc rgb '#CC4E00'
set label '' at screen 0.45805,0.92859 point pt 5 ps 0.7 lc rgb '#CC4E00'
set label 'T = 1.5' at screen 0.48055,0.92859 left
set arrow from screen 0.55820,0.92859 to screen 0.59070,0.92859 nohead lw 2 lc rgb '#4AA5DE'
set label '' at screen 0.57445,0.92859 point pt 9 ps 0.7 lc rgb '#4AA5DE'
set label 'T = 2' at screen 0.59695,0.92859 left
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.87584
set bmargin at screen 0.55474
set label 'Test accuracy' at screen 0.28587,0.89786 center font ',12'
set label 'generation' at screen 0.28587,0.51086 center font ',11'
set label 'test accuracy (%)' at screen 0.02712,0.71529 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [81.9256176552:85.7447806304]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_1_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $mean_1_3 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#4AA5DE', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_1_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_1_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00', \
  $runs_1_3 using 1:2 with points pt 7 ps 0.35 lc rgb '#904AA5DE', \
  $mean_1_3 using 1:2 with linespoints lw 1.8 pt 9 pi 1 ps 0.7 lc rgb '#4AA5DE'
reset
set lmargin at screen 0.57175
set rmargin at screen 0.96500
set tmargin at screen 0.87584
set bmargin at screen 0.55474
set label 'Test NLL' at screen 0.76838,0.89786 center font ',12'
set label 'generation' at screen 0.76838,0.51086 center font ',11'
set label 'test NLL (nats)' at screen 0.50962,0.71529 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [0.347682826489:1.49847331364]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_2_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $mean_2_3 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#4AA5DE', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_2_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_2_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00', \
  $runs_2_3 using 1:2 with points pt 7 ps 0.35 lc rgb '#904AA5DE', \
  $mean_2_3 using 1:2 with linespoints lw 1.8 pt 9 pi 1 ps 0.7 lc rgb '#4AA5DE'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.45046
set bmargin at screen 0.12936
set label 'Its uncertainty on training data' at screen 0.28587,0.47248 center font ',12'
set label 'generation' at screen 0.28587,0.08547 center font ',11'
set label 'predictive uncertainty (nats)' at screen 0.02712,0.28991 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [0.000273233348291:2.25257476072]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_3_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_3_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $mean_3_3 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#4AA5DE', \
  $runs_3_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_3_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_3_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_3_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00', \
  $runs_3_3 using 1:2 with points pt 7 ps 0.35 lc rgb '#904AA5DE', \
  $mean_3_3 using 1:2 with linespoints lw 1.8 pt 9 pi 1 ps 0.7 lc rgb '#4AA5DE'
reset
set lmargin at screen 0.57175
set rmargin at screen 0.96500
set tmargin at screen 0.45046
set bmargin at screen 0.12936
set label 'Its diversity on training data' at screen 0.76838,0.47248 center font ',12'
set label 'generation' at screen 0.76838,0.08547 center font ',11'
set label 'confidence diversity (nats)' at screen 0.50962,0.28991 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [-3.29017507145:0.0178846885623]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_4_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_4_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $mean_4_3 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#4AA5DE', \
  $runs_4_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_4_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_4_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_4_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00', \
  $runs_4_3 using 1:2 with points pt 7 ps 0.35 lc rgb '#904AA5DE', \
  $mean_4_3 using 1:2 with linespoints lw 1.8 pt 9 pi 1 ps 0.7 lc rgb '#4AA5DE'
unset multiplot
unset output
}
