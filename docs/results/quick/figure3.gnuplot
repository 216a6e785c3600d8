# gnuplot figure3.gnuplot draws figure3.svg and figure3.png
if (!exists('stem')) stem = 'figure3'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 83.98 83.1587304 84.8012696 0
1 84.80666667 83.18257753 86.4307558 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 83.69 -0.333
0 83.91 0
0 84.34 0.333
1 85.39 -0.333
1 84.1 0
1 84.93 0.333
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0 84.16 83.32976267 84.99023733 0
1 84.77333333 83.2650846 86.28158207 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0 83.88 -0.333
0 84.07 0
0 84.53 0.333
1 85.21 -0.333
1 84.08 0
1 85.03 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 84.43666667 82.64148683 86.23184651 0
1 84.69 83.95476238 85.42523762 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 83.64 -0.333
0 85.05 0
0 84.62 0.333
1 84.89 -0.333
1 84.35 0
1 84.83 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 84.7 84.38284653 85.01715347 0
1 85.19666667 84.61922709 85.77410625 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 84.56 -0.333
0 84.73 0
0 84.81 0.333
1 85.11 -0.333
1 85.02 0
1 85.46 0.333
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 5.616530956 4.106312982 7.12674893 0
1 6.020532702 4.879781938 7.161283467 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 5.628484976 -0.333
0 6.218410342 0
0 5.002697551 0.333
1 5.493359292 -0.333
1 6.333552449 0
1 6.234686366 0.333
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0 13.77617251 13.19171805 14.36062697 0
1 12.89587266 11.77291468 14.01883064 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0 14.01674077 -0.333
0 13.54657547 0
0 13.76520129 0.333
1 13.36642641 -0.333
1 12.85626097 0
1 12.4649306 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 10.86062499 8.66098901 13.06026096 0
1 10.52515262 9.574685548 11.47561969 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 10.76555826 -0.333
0 11.7897952 0
0 10.0265215 0.333
1 10.83121767 -0.333
1 10.6480494 0
1 10.09619079 0.333
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 10.71612583 9.816791803 11.61545986 0
1 10.14981437 9.747225842 10.5524029 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 11.06174367 -0.333
0 10.74697702 0
0 10.33965681 0.333
1 10.24452605 -0.333
1 9.96268402 0
1 10.24223304 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,636 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1272 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Soft labels compared (reduced setting)' at screen 0.50000,0.96148 center font ',15'
set label 'Fashion-MNIST, ResNet-8 and DenseNet-BC-16-12, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots:' at screen 0.01750,0.07186 left font ',9'
set label 'single runs. Reduced: the paper has CIFAR-100 and CUB-200 (2010) and Tiny-ImageNet, ResNet-34 and DenseNet-BC-100-12, all training images, 150 epochs and' at screen 0.01750,0.05204 left font ',9'
set label '200 epochs, standard augmentation' at screen 0.01750,0.03223 left font ',9'
set object rectangle from screen 0.15785,0.93443 to screen 0.18035,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.18660,0.92657 left
set object rectangle from screen 0.32045,0.93443 to screen 0.34295,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.34920,0.92657 left
set object rectangle from screen 0.49845,0.93443 to screen 0.52095,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'Beta smoothing' at screen 0.52720,0.92657 left
set object rectangle from screen 0.66875,0.93443 to screen 0.69125,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'self-distillation' at screen 0.69750,0.92657 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.87233
set bmargin at screen 0.54214
set label 'Fashion-MNIST' at screen 0.52712,0.89497 center font ',12'
set label 'test accuracy (%), axis cut' at screen 0.02712,0.70723 center rotate by 90 font ',11'
set xrange [-0.5:1.5]
set yrange [82.376237999:86.6960046327]
set xtics ('ResNet-8' 0, 'DenseNet-BC-16-12' 1) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $runs_1_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_1 using ($1 + -0.3):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_1 using ($1 + -0.3):2 with points pt 7 ps 1.1 lc rgb '#00407A', \
  $runs_1_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_2 using ($1 + -0.1):2 with points pt 5 ps 1.4 lc rgb '#ffffff', \
  $mean_1_2 using ($1 + -0.1):2 with points pt 5 ps 1.1 lc rgb '#CC4E00', \
  $runs_1_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#804AA5DE', \
  $mean_1_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#4AA5DE', \
  $mean_1_3 using ($1 + 0.1):2 with points pt 9 ps 1.4 lc rgb '#ffffff', \
  $mean_1_3 using ($1 + 0.1):2 with points pt 9 ps 1.1 lc rgb '#4AA5DE', \
  $runs_1_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#80E8B500', \
  $mean_1_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#E8B500', \
  $mean_1_4 using ($1 + 0.3):2 with points pt 13 ps 1.4 lc rgb '#ffffff', \
  $mean_1_4 using ($1 + 0.3):2 with points pt 13 ps 1.1 lc rgb '#E8B500'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.45912
set bmargin at screen 0.12893
set label 'Fashion-MNIST' at screen 0.52712,0.48176 center font ',12'
set label 'test ECE (%)' at screen 0.02712,0.29403 center rotate by 90 font ',11'
set xrange [-0.5:1.5]
set yrange [0:15.0784289462]
set xtics ('ResNet-8' 0, 'DenseNet-BC-16-12' 1) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $mean_2_1 using ($1 + -0.3):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A', \
  $mean_2_2 using ($1 + -0.1):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_3 using ($1 + 0.1):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE', \
  $mean_2_4 using ($1 + 0.3):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500', \
  $mean_2_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040'
unset multiplot
unset output
}
