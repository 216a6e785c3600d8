# gnuplot appendix_a9.gnuplot draws appendix_a9.svg and appendix_a9.png
if (!exists('stem')) stem = 'appendix_a9'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 83.98 83.1587304 84.8012696 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 83.69 -0.333
0 83.91 0
0 84.34 0.333
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0 84.16 83.32976267 84.99023733 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0 83.88 -0.333
0 84.07 0
0 84.53 0.333
EOD
# 'the teacher ResNet-8': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 84.04666667 83.41512218 84.67821115 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 83.89 -0.333
0 83.91 0
0 84.34 0.333
EOD
# 'taught by ResNet-8': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 84.7 84.38284653 85.01715347 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 84.56 -0.333
0 84.73 0
0 84.81 0.333
EOD
# 'the teacher DenseNet-BC-16-12': x, mean, the interval's ends, whether it stands alone
$mean_1_5 << EOD
0 84.95 83.39786114 86.50213886 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_5 << EOD
0 84.23 -0.333
0 85.35 0
0 85.27 0.333
EOD
# 'taught by DenseNet-BC-16-12': x, mean, the interval's ends, whether it stands alone
$mean_1_6 << EOD
0 85.23 84.1378266 86.3221734 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_6 << EOD
0 84.74 -0.333
0 85.36 0
0 85.59 0.333
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 5.616530956 4.106312982 7.12674893 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 5.628484976 -0.333
0 6.218410342 0
0 5.002697551 0.333
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0 13.77617251 13.19171805 14.36062697 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0 14.01674077 -0.333
0 13.54657547 0
0 13.76520129 0.333
EOD
# 'the teacher ResNet-8': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 7.042450926 4.923339116 9.161562736 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 8.01797006 -0.333
0 6.672922369 0
0 6.436460349 0.333
EOD
# 'taught by ResNet-8': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 10.71612583 9.816791803 11.61545986 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 11.06174367 -0.333
0 10.74697702 0
0 10.33965681 0.333
EOD
# 'the teacher DenseNet-BC-16-12': x, mean, the interval's ends, whether it stands alone
$mean_2_5 << EOD
0 5.873767455 2.933803122 8.813731787 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_5 << EOD
0 7.073482333 -0.333
0 4.70718843 0
0 5.840631601 0.333
EOD
# 'taught by DenseNet-BC-16-12': x, mean, the interval's ends, whether it stands alone
$mean_2_6 << EOD
0 10.86623893 10.5728466 11.15963126 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_6 << EOD
0 10.92396574 -0.333
0 10.94437931 0
0 10.73037173 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,605 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1210 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Teachers of another kind (reduced setting)' at screen 0.50000,0.95950 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.05438 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.03355 left font ',9'
set object rectangle from screen 0.13090,0.93107 to screen 0.15340,0.91455 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.15965,0.92281 left
set object rectangle from screen 0.29350,0.93107 to screen 0.31600,0.91455 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.32225,0.92281 left
set object rectangle from screen 0.47150,0.93107 to screen 0.49400,0.91455 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'the teacher ResNet-8' at screen 0.50025,0.92281 left
set object rectangle from screen 0.68800,0.93107 to screen 0.71050,0.91455 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'taught by ResNet-8' at screen 0.71675,0.92281 left
set object rectangle from screen 0.23190,0.90562 to screen 0.25440,0.88909 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A'
set label 'the teacher DenseNet-BC-16-12' at screen 0.26065,0.89736 left
set object rectangle from screen 0.51770,0.90562 to screen 0.54020,0.88909 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7'
set label 'taught by DenseNet-BC-16-12' at screen 0.54645,0.89736 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.86810
set bmargin at screen 0.52099
set label 'test accuracy (%), axis cut' at screen 0.02712,0.69455 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [82.9246918046:86.7361774531]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $runs_1_1 using ($1 + -0.33333 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_1 using ($1 + -0.33333):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_1 using ($1 + -0.33333):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_1 using ($1 + -0.33333):2 with points pt 7 ps 1.1 lc rgb '#00407A', \
  $runs_1_2 using ($1 + -0.2 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_2 using ($1 + -0.2):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_2 using ($1 + -0.2):2 with points pt 5 ps 1.4 lc rgb '#ffffff', \
  $mean_1_2 using ($1 + -0.2):2 with points pt 5 ps 1.1 lc rgb '#CC4E00', \
  $runs_1_3 using ($1 + -0.066667 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#804AA5DE', \
  $mean_1_3 using ($1 + -0.066667):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#4AA5DE', \
  $mean_1_3 using ($1 + -0.066667):2 with points pt 9 ps 1.4 lc rgb '#ffffff', \
  $mean_1_3 using ($1 + -0.066667):2 with points pt 9 ps 1.1 lc rgb '#4AA5DE', \
  $runs_1_4 using ($1 + 0.066667 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#80E8B500', \
  $mean_1_4 using ($1 + 0.066667):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#E8B500', \
  $mean_1_4 using ($1 + 0.066667):2 with points pt 13 ps 1.4 lc rgb '#ffffff', \
  $mean_1_4 using ($1 + 0.066667):2 with points pt 13 ps 1.1 lc rgb '#E8B500', \
  $runs_1_5 using ($1 + 0.2 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#8000664A', \
  $mean_1_5 using ($1 + 0.2):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00664A', \
  $mean_1_5 using ($1 + 0.2):2 with points pt 11 ps 1.4 lc rgb '#ffffff', \
  $mean_1_5 using ($1 + 0.2):2 with points pt 11 ps 1.1 lc rgb '#00664A', \
  $runs_1_6 using ($1 + 0.33333 + 0.10667*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC79A7', \
  $mean_1_6 using ($1 + 0.33333):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC79A7', \
  $mean_1_6 using ($1 + 0.33333):2 with points pt 15 ps 1.4 lc rgb '#ffffff', \
  $mean_1_6 using ($1 + 0.33333):2 with points pt 15 ps 1.1 lc rgb '#CC79A7'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.46149
set bmargin at screen 0.11438
set label 'test ECE (%)' at screen 0.02712,0.28793 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [0:15.1605046364]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $mean_2_1 using ($1 + -0.33333):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A', \
  $mean_2_2 using ($1 + -0.2):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_3 using ($1 + -0.066667):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE', \
  $mean_2_4 using ($1 + 0.066667):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500', \
  $mean_2_5 using ($1 + 0.2):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A', \
  $mean_2_6 using ($1 + 0.33333):2:(0.13333) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7', \
  $mean_2_1 using ($1 + -0.33333):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_1 using ($1 + -0.33333):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_1 using ($1 + -0.33333 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_1 using ($1 + -0.33333 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_2 using ($1 + -0.2):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_2 using ($1 + -0.2):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_2 using ($1 + -0.2 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_2 using ($1 + -0.2 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_3 using ($1 + -0.066667):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_3 using ($1 + -0.066667):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_3 using ($1 + -0.066667 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_3 using ($1 + -0.066667 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_4 using ($1 + 0.066667):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_4 using ($1 + 0.066667):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_4 using ($1 + 0.066667 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_4 using ($1 + 0.066667 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_5 using ($1 + 0.2):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_5 using ($1 + 0.2):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_5 using ($1 + 0.2 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_5 using ($1 + 0.2 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_6 using ($1 + 0.33333):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_6 using ($1 + 0.33333):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_6 using ($1 + 0.33333 + 0.10667*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_6 using ($1 + 0.33333 + 0.10667*$3):2 with points pt 7 ps 0.32 lc rgb '#404040'
unset multiplot
unset output
}
