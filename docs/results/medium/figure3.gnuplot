# gnuplot figure3.gnuplot draws figure3.svg and figure3.png
if (!exists('stem')) stem = 'figure3'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 38.01333333 37.01313247 39.0135342 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 37.96 -0.417
0 37.7 -0.25
0 38.31 -0.0833
0 37.76 0.0833
0 37.09 0.25
0 39.26 0.417
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0 38.00666667 37.1720084 38.84132493 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0 37.94 -0.417
0 38.34 -0.25
0 37.98 -0.0833
0 38.31 0.0833
0 38.15 0.25
0 37.32 0.417
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 37.96333333 37.0862121 38.84045457 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 37.55 -0.417
0 37.91 -0.25
0 37.42 -0.0833
0 37.76 0.0833
0 38.73 0.25
0 38.41 0.417
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 39.23666667 38.20501775 40.26831558 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 39.46 -0.417
0 40.46 -0.25
0 38.72 -0.0833
0 38.21 0.0833
0 39.46 0.25
0 39.11 0.417
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 29.661709 28.91848081 30.40493719 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 28.84618117 -0.417
0 30.18976091 -0.25
0 29.6241101 -0.0833
0 29.69554953 0.0833
0 29.99791341 0.25
0 29.61673889 0.417
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0 5.840725507 4.75147037 6.929980645 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0 5.566505591 -0.417
0 5.030028726 -0.25
0 6.768396911 -0.0833
0 4.587013855 0.0833
0 7.134350246 0.25
0 5.958057715 0.417
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 8.325189005 7.419398513 9.230979497 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 8.96890047 -0.417
0 8.352553809 -0.25
0 9.143288046 -0.0833
0 8.551272107 0.0833
0 6.992859896 0.25
0 7.942259704 0.417
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 11.24103197 9.896492809 12.58557112 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 10.31627911 -0.417
0 9.925972306 -0.25
0 10.79411169 -0.0833
0 12.11737082 0.0833
0 10.99075592 0.25
0 13.30170195 0.417
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
set label 'CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 6 seeds. Means with 95 % intervals (t over seeds, of test data' at screen 0.01750,0.07186 left font ',9'
set label 'over images too); dots: single runs. Reduced: the paper has CIFAR-100 and CUB-200 (2010) and Tiny-ImageNet, ResNet-34 and DenseNet-BC-100-12, all' at screen 0.01750,0.05204 left font ',9'
set label 'training images, 150 epochs and 200 epochs, standard augmentation, schedule multi-step, warmup epochs 0, weight decay 0.0001' at screen 0.01750,0.03223 left font ',9'
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
set label 'CIFAR-100' at screen 0.52712,0.89497 center font ',12'
set label 'test accuracy (%), axis cut' at screen 0.02712,0.70723 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [36.7718517424:40.7012807271]
set xtics ('ResNet-18 (ImageNet stem)' 0) scale 0
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
set label 'CIFAR-100' at screen 0.52712,0.48176 center font ',12'
set label 'test ECE (%)' at screen 0.02712,0.29403 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [0:32.2121918265]
set xtics ('ResNet-18 (ImageNet stem)' 0) scale 0
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
