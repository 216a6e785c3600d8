# gnuplot appendix_a2.gnuplot draws appendix_a2.svg and appendix_a2.png
if (!exists('stem')) stem = 'appendix_a2'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'teacher only': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
1.5 84.23 83.86238119 84.59761881 0
2 84.26 83.57112752 84.94887248 0
4 84.13333333 83.22659471 85.04007196 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
1.5 84.4 -0.333
1.5 84.16 0
1.5 84.13 0.333
2 84.43 -0.333
2 83.94 0
2 84.41 0.333
4 83.87 -0.333
4 83.98 0
4 84.55 0.333
EOD
# 'teacher and student': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
1.5 84.35666667 83.99468652 84.71864682 0
2 84.53333333 83.85196677 85.2146999 0
4 84.47 83.65211864 85.28788136 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
1.5 84.31 -0.333
1.5 84.52 0
1.5 84.24 0.333
2 84.38 -0.333
2 84.37 0
2 84.85 0.333
4 84.09 -0.333
4 84.65 0
4 84.67 0.333
EOD
# 'teacher only': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
1.5 1.837442915 0 4.35080189 0
2 5.676119213 0 11.43698689 0
4 30.43784519 23.93365561 36.94203476 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
1.5 2.311483036 -0.333
1.5 2.525154776 0
1.5 0.6756909325 0.333
2 7.803616595 -0.333
2 3.204051822 0
2 6.020689221 0.333
4 32.44051872 -0.333
4 27.47502697 0
4 31.39798987 0.333
EOD
# 'teacher and student': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
1.5 6.175092226 3.658052268 8.692132184 0
2 6.093732165 3.709164922 8.478299408 0
4 6.54299983 4.088320052 8.997679607 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
1.5 5.252109691 -0.333
1.5 7.25927341 0
1.5 6.013893578 0.333
2 5.246219191 -0.333
2 7.136142765 0
2 5.898834539 0.333
4 5.787923515 -0.333
4 7.661360916 0
4 6.179715058 0.333
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
set label 'Where the temperature stands (reduced setting)' at screen 0.50000,0.93484 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.08803 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.05452 left font ',9'
set arrow from screen 0.31815,0.87580 to screen 0.35065,0.87580 nohead lw 2 lc rgb '#00407A'
set label '' at screen 0.33440,0.87580 point pt 7 ps 0.7 lc rgb '#00407A'
set label 'teacher only' at screen 0.35690,0.87580 left
set arrow from screen 0.47305,0.87580 to screen 0.50555,0.87580 nohead lw 2 lc rgb '#CC4E00'
set label '' at screen 0.48930,0.87580 point pt 5 ps 0.7 lc rgb '#CC4E00'
set label 'teacher and student' at screen 0.51180,0.87580 left
set lmargin at screen 0.08925
set rmargin at screen 0.48250
set tmargin at screen 0.78404
set bmargin at screen 0.22553
set label 'Test accuracy' at screen 0.28587,0.82234 center font ',12'
set label 'temperature' at screen 0.28587,0.14920 center font ',11'
set label 'test accuracy (%)' at screen 0.02712,0.50479 center rotate by 90 font ',11'
set xrange [1.4:4.1]
set yrange [83.082304646:85.4321714225]
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
set label 'Expected calibration error' at screen 0.76838,0.82234 center font ',12'
set label 'temperature' at screen 0.76838,0.14920 center font ',11'
set label 'test ECE (%)' at screen 0.50962,0.50479 center rotate by 90 font ',11'
set xrange [1.4:4.1]
set yrange [0:39.5752913139]
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
