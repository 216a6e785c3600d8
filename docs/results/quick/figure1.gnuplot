# gnuplot figure1.gnuplot draws figure1.svg and figure1.png
if (!exists('stem')) stem = 'figure1'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
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
# '': x, mean, the interval's ends, whether it stands alone
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
# '': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
0 5.616530956 4.106312982 7.12674893 0
1 4.150170841 2.532647479 5.767694203 0
2 3.471341719 2.002753043 4.939930395 0
3 3.273173962 1.831017773 4.715330151 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
0 5.628484976 -0.333
0 6.218410342 0
0 5.002697551 0.333
1 3.754985169 -0.333
1 4.901709095 0
1 3.793818259 0.333
2 3.116258204 -0.333
2 4.153797577 0
2 3.143969376 0.333
3 3.031051107 -0.333
3 3.935591132 0
3 2.852879647 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
1 0.1783659559 0.1385724499 0.2181594619 0
2 0.2102722635 0.1570516501 0.2634928769 0
3 0.2345884081 0.1829662029 0.2862106133 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
1 0.182359641 -0.333
1 0.1607278998 0
1 0.192010327 0.333
2 0.2284615433 -0.333
2 0.186656671 0
2 0.2156985762 0.333
3 0.2434156336 -0.333
3 0.2108512611 0
3 0.2494983296 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_5_1 << EOD
1 -2.635786347 -3.087048595 -2.1845241 0
2 -2.23153943 -2.544688375 -1.918390485 0
3 -2.005811086 -2.238316646 -1.773305526 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_5_1 << EOD
1 -2.580547628 -0.333
1 -2.838651136 0
1 -2.488160278 0.333
2 -2.1595231 -0.333
2 -2.377097639 0
2 -2.157997551 0.333
3 -1.997327302 -0.333
3 -2.103360243 0
3 -1.916745712 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_6_1 << EOD
1 0.01449254118 0.0104411209 0.01854396145 0
2 0.02074844403 0.01784479907 0.02365208898 0
3 0.02635500045 0.02340251312 0.02930748778 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_6_1 << EOD
1 0.01261733829 -0.333
1 0.01527981616 0
1 0.01558046908 0.333
2 0.02173968292 -0.333
2 0.02104614131 0
2 0.01945950785 0.333
3 0.02594433785 -0.333
3 0.02542625273 0
3 0.02769441076 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 1100,639 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 2200,1278 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Sequential self-distillation (reduced setting)' at screen 0.50000,0.96166 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced: the paper has CIFAR-100, ResNet-34, all training images,' at screen 0.01273,0.05211 left font ',9'
set label '150 epochs, standard augmentation' at screen 0.01273,0.03239 left font ',9'
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test accuracy' at screen 0.19488,0.91956 center font ',12'
set label 'generation' at screen 0.19488,0.52347 center font ',11'
set label 'test accuracy (%)' at screen 0.01973,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [83.0193410835:85.2893956187]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test NLL' at screen 0.51973,0.91956 center font ',12'
set label 'generation' at screen 0.51973,0.52347 center font ',11'
set label 'test NLL (nats)' at screen 0.34458,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [0.408258325537:0.572533542469]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test ECE' at screen 0.84458,0.91956 center font ',12'
set label 'generation' at screen 0.84458,0.52347 center font ',11'
set label 'test ECE (%)' at screen 0.66942,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [1.46031659205:7.49745011093]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_3_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_3_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_3_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Uncertainty of the teacher' at screen 0.19488,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.19488,0.08811 center font ',11'
set label 'predictive uncertainty (nats)' at screen 0.01973,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [0.128237778509:0.296545284699]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_4_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_4_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_4_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Diversity of the teacher' at screen 0.51973,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.51973,0.08811 center font ',11'
set label 'confidence diversity (nats)' at screen 0.34458,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [-3.17901060981:-1.68134351073]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_5_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_5_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_5_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Var(c) of the teacher' at screen 0.84458,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.84458,0.08811 center font ',11'
set label 'variance of the confidence' at screen 0.66942,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [0.00912047522367:0.0306281334586]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_6_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_6_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_6_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
unset multiplot
unset output
}
