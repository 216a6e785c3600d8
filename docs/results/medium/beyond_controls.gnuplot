# gnuplot beyond_controls.gnuplot draws beyond_controls.svg and beyond_controls.png
if (!exists('stem')) stem = 'beyond_controls'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 38.01333333 37.00771475 39.01895192 1
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
0 38.00666667 37.17245123 38.84088211 1
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
0 37.96333333 37.089163 38.83750366 1
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
# 'the teacher''s strength alone': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 38.50333333 37.67367142 39.33299525 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 38.3 -0.417
0 39.07 -0.25
0 38.18 -0.0833
0 38.6 0.0833
0 38.38 0.25
0 38.49 0.417
EOD
# 'the teacher''s other classes, one strength': x, mean, the interval's ends, whether it stands alone
$mean_1_5 << EOD
0 38.86 37.9392729 39.7807271 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_5 << EOD
0 38.95 -0.417
0 39.61 -0.25
0 38.97 -0.0833
0 38.09 0.0833
0 39.22 0.25
0 38.32 0.417
EOD
# 'labels of another image of the class': x, mean, the interval's ends, whether it stands alone
$mean_1_6 << EOD
0 37.90666667 37.08189676 38.73143657 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_6 << EOD
0 37.53 -0.417
0 38.31 -0.25
0 37.67 -0.0833
0 37.47 0.0833
0 38.43 0.25
0 38.03 0.417
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_7 << EOD
0 39.23666667 38.19958484 40.2737485 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_7 << EOD
0 39.46 -0.417
0 40.46 -0.25
0 38.72 -0.0833
0 38.21 0.0833
0 39.46 0.25
0 39.11 0.417
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 29.661709 28.93224291 30.39117509 1
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
0 5.840725507 4.744267852 6.937183162 1
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
0 8.325189005 7.415303606 9.235074405 1
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
# 'the teacher''s strength alone': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 5.999969713 5.146888172 6.853051254 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 5.601221736 -0.417
0 5.357955388 -0.25
0 5.818659248 -0.0833
0 5.472594304 0.0833
0 6.743393792 0.25
0 7.005993813 0.417
EOD
# 'the teacher''s other classes, one strength': x, mean, the interval's ends, whether it stands alone
$mean_2_5 << EOD
0 10.39201667 9.200191886 11.58384145 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_5 << EOD
0 9.621739578 -0.417
0 9.537567187 -0.25
0 9.752310237 -0.0833
0 10.72088157 0.0833
0 10.32430289 0.25
0 12.39529855 0.417
EOD
# 'labels of another image of the class': x, mean, the interval's ends, whether it stands alone
$mean_2_6 << EOD
0 8.150568675 7.528792395 8.772344956 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_6 << EOD
0 8.182332416 -0.417
0 7.591470402 -0.25
0 8.175867459 -0.0833
0 8.325422583 0.0833
0 8.093891783 0.25
0 8.534427409 0.417
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_7 << EOD
0 11.24103197 9.898204184 12.58385975 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_7 << EOD
0 10.31627911 -0.417
0 9.925972306 -0.25
0 10.79411169 -0.0833
0 12.11737082 0.0833
0 10.99075592 0.25
0 13.30170195 0.417
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,618 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1236 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'What of a teacher matters (reduced setting)' at screen 0.50000,0.96036 center font ',15'
set label 'CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 6 seeds. Means with 95 % intervals (t over seeds, of test data' at screen 0.01750,0.07427 left font ',9'
set label 'over images too); dots: single runs. Reduced: the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation, schedule' at screen 0.01750,0.05388 left font ',9'
set label 'multi-step, warmup epochs 0, weight decay 0.0001' at screen 0.01750,0.03350 left font ',9'
set object rectangle from screen 0.11550,0.93252 to screen 0.13800,0.91634 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.14425,0.92443 left
set object rectangle from screen 0.27810,0.93252 to screen 0.30060,0.91634 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.30685,0.92443 left
set object rectangle from screen 0.45610,0.93252 to screen 0.47860,0.91634 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'Beta smoothing' at screen 0.48485,0.92443 left
set object rectangle from screen 0.62640,0.93252 to screen 0.64890,0.91634 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'the teacher''s strength alone' at screen 0.65515,0.92443 left
set object rectangle from screen 0.05435,0.90761 to screen 0.07685,0.89142 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A'
set label 'the teacher''s other classes, one strength' at screen 0.08310,0.89951 left
set object rectangle from screen 0.43255,0.90761 to screen 0.45505,0.89142 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7'
set label 'labels of another image of the class' at screen 0.46130,0.89951 left
set object rectangle from screen 0.77225,0.90761 to screen 0.79475,0.89142 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#000000'
set label 'self-distillation' at screen 0.80100,0.89951 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.87087
set bmargin at screen 0.53107
set label 'test accuracy (%), axis cut' at screen 0.02712,0.70097 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [36.7660547814:40.7016599676]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $runs_1_1 using ($1 + -0.34286 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_1 using ($1 + -0.34286):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_1 using ($1 + -0.34286):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_1 using ($1 + -0.34286):2 with points pt 7 ps 1.1 lc rgb '#00407A', \
  $runs_1_2 using ($1 + -0.22857 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_2 using ($1 + -0.22857):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_2 using ($1 + -0.22857):2 with points pt 5 ps 1.4 lc rgb '#ffffff', \
  $mean_1_2 using ($1 + -0.22857):2 with points pt 5 ps 1.1 lc rgb '#CC4E00', \
  $runs_1_3 using ($1 + -0.11429 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#804AA5DE', \
  $mean_1_3 using ($1 + -0.11429):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#4AA5DE', \
  $mean_1_3 using ($1 + -0.11429):2 with points pt 9 ps 1.4 lc rgb '#ffffff', \
  $mean_1_3 using ($1 + -0.11429):2 with points pt 9 ps 1.1 lc rgb '#4AA5DE', \
  $runs_1_4 using ($1 + 0 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#80E8B500', \
  $mean_1_4 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#E8B500', \
  $mean_1_4 using ($1 + 0):2 with points pt 13 ps 1.4 lc rgb '#ffffff', \
  $mean_1_4 using ($1 + 0):2 with points pt 13 ps 1.1 lc rgb '#E8B500', \
  $runs_1_5 using ($1 + 0.11429 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#8000664A', \
  $mean_1_5 using ($1 + 0.11429):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00664A', \
  $mean_1_5 using ($1 + 0.11429):2 with points pt 11 ps 1.4 lc rgb '#ffffff', \
  $mean_1_5 using ($1 + 0.11429):2 with points pt 11 ps 1.1 lc rgb '#00664A', \
  $runs_1_6 using ($1 + 0.22857 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC79A7', \
  $mean_1_6 using ($1 + 0.22857):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC79A7', \
  $mean_1_6 using ($1 + 0.22857):2 with points pt 15 ps 1.4 lc rgb '#ffffff', \
  $mean_1_6 using ($1 + 0.22857):2 with points pt 15 ps 1.1 lc rgb '#CC79A7', \
  $runs_1_7 using ($1 + 0.34286 + 0.091429*$3):2 with points pt 7 ps 0.4 lc rgb '#80000000', \
  $mean_1_7 using ($1 + 0.34286):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#000000', \
  $mean_1_7 using ($1 + 0.34286):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_7 using ($1 + 0.34286):2 with points pt 7 ps 1.1 lc rgb '#000000'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.47282
set bmargin at screen 0.13301
set label 'test ECE (%)' at screen 0.02712,0.30291 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [0:32.1974663784]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $mean_2_1 using ($1 + -0.34286):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A', \
  $mean_2_2 using ($1 + -0.22857):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_3 using ($1 + -0.11429):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE', \
  $mean_2_4 using ($1 + 0):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500', \
  $mean_2_5 using ($1 + 0.11429):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A', \
  $mean_2_6 using ($1 + 0.22857):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7', \
  $mean_2_7 using ($1 + 0.34286):2:(0.11429) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#000000', \
  $mean_2_1 using ($1 + -0.34286):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_1 using ($1 + -0.34286):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_1 using ($1 + -0.34286 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_1 using ($1 + -0.34286 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_2 using ($1 + -0.22857):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_2 using ($1 + -0.22857):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_2 using ($1 + -0.22857 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_2 using ($1 + -0.22857 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_3 using ($1 + -0.11429):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_3 using ($1 + -0.11429):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_3 using ($1 + -0.11429 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_3 using ($1 + -0.11429 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_4 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_4 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_4 using ($1 + 0 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_4 using ($1 + 0 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_5 using ($1 + 0.11429):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_5 using ($1 + 0.11429):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_5 using ($1 + 0.11429 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_5 using ($1 + 0.11429 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_6 using ($1 + 0.22857):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_6 using ($1 + 0.22857):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_6 using ($1 + 0.22857 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_6 using ($1 + 0.22857 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_7 using ($1 + 0.34286):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_7 using ($1 + 0.34286):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_7 using ($1 + 0.34286 + 0.091429*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_7 using ($1 + 0.34286 + 0.091429*$3):2 with points pt 7 ps 0.32 lc rgb '#404040'
unset multiplot
unset output
}
