# gnuplot appendix_a6_a7.gnuplot draws appendix_a6_a7.svg and appendix_a6_a7.png
if (!exists('stem')) stem = 'appendix_a6_a7'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
1e-05 83.93 82.63324204 85.22675796 0
0.0001 83.98 83.1587304 84.8012696 0
0.001 84.46666667 84.25833453 84.6749988 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
1e-05 83.58 -0.333
1e-05 83.68 0
1e-05 84.53 0.333
0.0001 83.69 -0.333
0.0001 83.91 0
0.0001 84.34 0.333
0.001 84.51 -0.333
0.001 84.52 0
0.001 84.37 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
1e-05 84.17666667 82.58753029 85.76580304 0
0.0001 84.13 83.44112752 84.81887248 0
0.001 84.62333333 83.82363645 85.42303021 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
1e-05 83.46 -0.333
1e-05 84.38 0
1e-05 84.69 0.333
0.0001 83.81 -0.333
0.0001 84.28 0
0.0001 84.3 0.333
0.001 84.27 -0.333
0.001 84.9 0
0.001 84.7 0.333
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
500 74.39666667 72.95472511 75.83860822 0
1000 80.05666667 79.35214606 80.76118728 0
2000 83.98 83.1587304 84.8012696 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
500 73.73 -0.333
500 74.79 0
500 74.67 0.333
1000 79.85 -0.333
1000 80.38 0
1000 79.94 0.333
2000 83.69 -0.333
2000 83.91 0
2000 84.34 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
500 75.00666667 72.72432219 77.28901114 0
1000 80.54333333 80.41585729 80.67080938 0
2000 84.13 83.44112752 84.81887248 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
500 74 -0.333
500 75.22 0
500 75.8 0.333
1000 80.53 -0.333
1000 80.5 0
1000 80.6 0.333
2000 83.81 -0.333
2000 84.28 0
2000 84.3 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,376 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,752 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Self-distillation as regularisation (reduced setting)' at screen 0.50000,0.93484 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.08803 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.05452 left font ',9'
set arrow from screen 0.32200,0.87580 to screen 0.35450,0.87580 nohead lw 2 lc rgb '#00407A'
set label '' at screen 0.33825,0.87580 point pt 7 ps 0.7 lc rgb '#00407A'
set label 'cross entropy' at screen 0.36075,0.87580 left
set arrow from screen 0.48460,0.87580 to screen 0.51710,0.87580 nohead lw 2 lc rgb '#CC4E00'
set label '' at screen 0.50085,0.87580 point pt 5 ps 0.7 lc rgb '#CC4E00'
set label 'self-distillation' at screen 0.52335,0.87580 left
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.78404
set bmargin at screen 0.22553
set label 'By weight decay' at screen 0.28587,0.82234 center font ',12'
set label 'weight decay' at screen 0.28587,0.14920 center font ',11'
set label 'test accuracy (%)' at screen 0.02712,0.50479 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [8.31763771103e-06:0.00120226443462]
set yrange [82.3650512:85.9882821333]
set xtics ('1e-05' 1e-05, '0.0001' 0.0001, '0.001' 0.001)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_1_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_1_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_1_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00'
reset
set lmargin at screen 0.57175
set rmargin at screen 0.96500
set tmargin at screen 0.78404
set bmargin at screen 0.22553
set label 'By training images' at screen 0.76838,0.82234 center font ',12'
set label 'training images' at screen 0.76838,0.14920 center font ',11'
set label 'test accuracy (%)' at screen 0.50962,0.50479 center rotate by 90 font ',11'
set logscale x 10
unset mxtics
set xrange [473.028823363:2114.03608112]
set yrange [71.8777036727:85.6654910043]
set xtics ('500' 500, '1000' 1000, '2000' 2000)
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_2_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_2_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_2_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00'
unset multiplot
unset output
}
