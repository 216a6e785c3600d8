# gnuplot appendix_a4.gnuplot draws appendix_a4.svg and appendix_a4.png
if (!exists('stem')) stem = 'appendix_a4'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0.1 84.59 83.81512422 85.36487578 0
0.15 84.16 83.32976267 84.99023733 0
0.3 84.19333333 82.78714169 85.59952497 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0.1 84.26 -0.333
0.1 84.63 0
0.1 84.88 0.333
0.15 83.88 -0.333
0.15 84.07 0
0.15 84.53 0.333
0.3 83.56 -0.333
0.3 84.37 0
0.3 84.65 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0.1 84.43333333 83.33094329 85.53572338 0
0.15 84.43666667 82.64148683 86.23184651 0
0.3 83.93666667 81.66312643 86.2102069 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0.1 83.94 -0.333
0.1 84.8 0
0.1 84.56 0.333
0.15 83.64 -0.333
0.15 85.05 0
0.15 84.62 0.333
0.3 82.88 -0.333
0.3 84.45 0
0.3 84.48 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0.1 84.49333333 84.05713309 84.92953358 0
0.15 84.7 84.38284653 85.01715347 0
0.3 84.50666667 83.06986982 85.94346352 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0.1 84.31 -0.333
0.1 84.66 0
0.1 84.51 0.333
0.15 84.56 -0.333
0.15 84.73 0
0.15 84.81 0.333
0.3 83.88 -0.333
0.3 84.62 0
0.3 85.02 0.333
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0.1 8.682911295 7.266377636 10.09944495 0
0.15 13.77617251 13.19171805 14.36062697 0
0.3 27.69018999 25.88165575 29.49872424 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0.1 8.323251359 -0.333
0.1 9.340389199 0
0.1 8.385093327 0.333
0.15 14.01674077 -0.333
0.15 13.54657547 0
0.15 13.76520129 0.333
0.3 28.26110593 -0.333
0.3 27.93912261 0
0.3 26.87034144 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0.1 6.365284628 5.178372879 7.552196378 0
0.15 10.86062499 8.66098901 13.06026096 0
0.3 22.88775111 21.69614301 24.0793592 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0.1 5.897588503 -0.333
0.1 6.852578016 0
0.1 6.345687366 0.333
0.15 10.76555826 -0.333
0.15 11.7897952 0
0.15 10.0265215 0.333
0.3 22.5125325 -0.333
0.3 23.42821687 0
0.3 22.72250395 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0.1 4.972841593 4.227925152 5.717758034 0
0.15 10.71612583 9.816791803 11.61545986 0
0.3 26.79975283 25.54676646 28.0527392 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0.1 5.270998552 -0.333
0.1 4.976237277 0
0.1 4.67128895 0.333
0.15 11.06174367 -0.333
0.15 10.74697702 0
0.15 10.33965681 0.333
0.3 26.38366832 -0.333
0.3 26.65485109 0
0.3 27.36073908 0.333
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
set label 'Strength of smoothing (reduced setting)' at screen 0.50000,0.93484 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.08803 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.05452 left font ',9'
set arrow from screen 0.14785,0.87580 to screen 0.18035,0.87580 nohead lw 2 lc rgb '#00407A'
set label '' at screen 0.16410,0.87580 point pt 7 ps 0.7 lc rgb '#00407A'
set label 'label smoothing' at screen 0.18660,0.87580 left
set arrow from screen 0.32585,0.87580 to screen 0.35835,0.87580 nohead lw 2 lc rgb '#CC4E00'
set label '' at screen 0.34210,0.87580 point pt 5 ps 0.7 lc rgb '#CC4E00'
set label 'Beta smoothing' at screen 0.36460,0.87580 left
set arrow from screen 0.49615,0.87580 to screen 0.52865,0.87580 nohead lw 2 lc rgb '#4AA5DE'
set label '' at screen 0.51240,0.87580 point pt 9 ps 0.7 lc rgb '#4AA5DE'
set label 'self-distillation' at screen 0.53490,0.87580 left
set arrow from screen 0.68955,0.87580 to screen 0.72205,0.87580 nohead lw 1.5 dt 2 lc rgb '#202020'
set label 'cross entropy' at screen 0.72830,0.87580 left
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.78404
set bmargin at screen 0.22553
set label 'Test accuracy' at screen 0.28587,0.82234 center font ',12'
set label 'probability taken from the true class, on average' at screen 0.28587,0.14920 center font ',11'
set label 'test accuracy (%)' at screen 0.02712,0.50479 center rotate by 90 font ',11'
set xrange [0.092:0.308]
set yrange [81.34331603:86.5516569109]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 83.98 to graph 1,first 83.98 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
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
set tmargin at screen 0.78404
set bmargin at screen 0.22553
set label 'Expected calibration error' at screen 0.76838,0.82234 center font ',12'
set label 'probability taken from the true class, on average' at screen 0.76838,0.14920 center font ',11'
set label 'test ECE (%)' at screen 0.50962,0.50479 center rotate by 90 font ',11'
set xrange [0.092:0.308]
set yrange [2.45896921626:31.2676801739]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
set arrow from graph 0,first 5.616530956 to graph 1,first 5.616530956 nohead lw 1.5 \
  dt 2 lc rgb '#202020' back
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $mean_2_2 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#CC4E00', \
  $mean_2_3 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#4AA5DE', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A', \
  $runs_2_2 using 1:2 with points pt 7 ps 0.35 lc rgb '#90CC4E00', \
  $mean_2_2 using 1:2 with linespoints lw 1.8 pt 5 pi 1 ps 0.7 lc rgb '#CC4E00', \
  $runs_2_3 using 1:2 with points pt 7 ps 0.35 lc rgb '#904AA5DE', \
  $mean_2_3 using 1:2 with linespoints lw 1.8 pt 9 pi 1 ps 0.7 lc rgb '#4AA5DE'
unset multiplot
unset output
}
