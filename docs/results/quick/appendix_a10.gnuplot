# gnuplot appendix_a10.gnuplot draws appendix_a10.svg and appendix_a10.png
if (!exists('stem')) stem = 'appendix_a10'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
1 84.53 83.32525724 85.73474276 0
1.0083 84.73 83.54983849 85.91016151 0
1.0167 84.68666667 83.42969953 85.9436338 0
1.0333 84.67 83.76610151 85.57389849 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
1 84.61 -0.333
1 84.01 0
1 84.97 0.333
1.0083 84.72 -0.333
1.0083 84.26 0
1.0083 85.21 0.333
1.0167 84.65 -0.333
1.0167 84.2 0
1.0167 85.21 0.333
1.0333 84.45 -0.333
1.0333 84.47 0
1.0333 85.09 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
1 9.730148635 9.068147605 10.39214966 0
1.0083 14.10470647 13.74155813 14.46785481 0
1.0167 17.31226764 15.77850447 18.84603081 0
1.0333 22.68348985 22.28163933 23.08534037 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
1 9.860203153 -0.333
1 9.423601258 0
1 9.906641493 0.333
1.0083 13.96153226 -0.333
1.0083 14.25373041 0
1.0083 14.09885674 0.333
1.0167 17.25057038 -0.333
1.0167 16.72800981 0
1.0167 17.95822272 0.333
1.0333 22.73185583 -0.333
1.0333 22.8155566 0
1.0333 22.50305711 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,361 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,722 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Gamma of the prior (reduced setting)' at screen 0.50000,0.93213 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.09280 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.05789 left font ',9'
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.81773
set bmargin at screen 0.23601
set label 'Test accuracy' at screen 0.28587,0.85762 center font ',12'
set label 'gamma' at screen 0.28587,0.15651 center font ',11'
set label 'test accuracy (%)' at screen 0.02712,0.52687 center rotate by 90 font ',11'
set xrange [0.998668:1.034632]
set yrange [83.141970876:86.1269201627]
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
set lmargin at screen 0.57175
set rmargin at screen 0.96500
set tmargin at screen 0.81773
set bmargin at screen 0.23601
set label 'Expected calibration error' at screen 0.76838,0.85762 center font ',12'
set label 'gamma' at screen 0.76838,0.15651 center font ',11'
set label 'test ECE (%)' at screen 0.50962,0.52687 center rotate by 90 font ',11'
set xrange [0.998668:1.034632]
set yrange [8.08694411183:24.0665438607]
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
unset multiplot
unset output
}
