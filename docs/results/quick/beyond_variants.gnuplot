# gnuplot beyond_variants.gnuplot draws beyond_variants.svg and beyond_variants.png
if (!exists('stem')) stem = 'beyond_variants'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 84.10333333 83.35754019 84.84912647 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 83.81 -0.333
0 84.09 0
0 84.41 0.333
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
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 84.7 84.38284653 85.01715347 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 84.56 -0.333
0 84.73 0
0 84.81 0.333
EOD
# 'self-distillation with weights omega': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 84.65 83.64522848 85.65477152 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 84.19 -0.333
0 84.95 0
0 84.81 0.333
EOD
# 'distillation from a smoothed teacher': x, mean, the interval's ends, whether it stands alone
$mean_1_5 << EOD
0 84.54666667 82.87945428 86.21387906 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_5 << EOD
0 83.79 -0.333
0 84.78 0
0 85.07 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_6 << EOD
0 84.43666667 82.64148683 86.23184651 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_6 << EOD
0 83.64 -0.333
0 85.05 0
0 84.62 0.333
EOD
# 'Beta smoothing, EMA starts as a copy': x, mean, the interval's ends, whether it stands alone
$mean_1_7 << EOD
0 84.24666667 83.49798311 84.99535022 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_7 << EOD
0 84.28 -0.333
0 84.53 0
0 83.93 0.333
EOD
# 'Beta smoothing, EMA in eval mode with averaged buffers': x, mean, the interval's ends, whether it stands alone
$mean_1_8 << EOD
0 84.37333333 83.61890217 85.1277645 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_8 << EOD
0 84.29 -0.333
0 84.71 0
0 84.12 0.333
EOD
# 'entropy regularisation 0.1': x, mean, the interval's ends, whether it stands alone
$mean_1_9 << EOD
0 84.00333333 82.74293431 85.26373236 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_9 << EOD
0 83.47 -0.333
0 84.48 0
0 84.06 0.333
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 6.571727709 3.859264375 9.284191042 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 5.752429605 -0.333
0 7.811339353 0
0 6.151414168 0.333
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
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 10.71612583 9.816791803 11.61545986 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 11.06174367 -0.333
0 10.74697702 0
0 10.33965681 0.333
EOD
# 'self-distillation with weights omega': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 9.406024057 8.690900611 10.1211475 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 9.667016336 -0.333
0 9.4538109 0
0 9.097244935 0.333
EOD
# 'distillation from a smoothed teacher': x, mean, the interval's ends, whether it stands alone
$mean_2_5 << EOD
0 12.01231442 10.59414296 13.43048588 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_5 << EOD
0 11.79279409 -0.333
0 11.58376755 0
0 12.66038163 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_6 << EOD
0 10.86062499 8.66098901 13.06026096 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_6 << EOD
0 10.76555826 -0.333
0 11.7897952 0
0 10.0265215 0.333
EOD
# 'Beta smoothing, EMA starts as a copy': x, mean, the interval's ends, whether it stands alone
$mean_2_7 << EOD
0 10.70483112 9.344798974 12.06486326 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_7 << EOD
0 11.05191915 -0.333
0 10.98887755 0
0 10.07369666 0.333
EOD
# 'Beta smoothing, EMA in eval mode with averaged buffers': x, mean, the interval's ends, whether it stands alone
$mean_2_8 << EOD
0 10.67342262 7.813739669 13.53310556 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_8 << EOD
0 11.91252377 -0.333
0 10.47062188 0
0 9.637122197 0.333
EOD
# 'entropy regularisation 0.1': x, mean, the interval's ends, whether it stands alone
$mean_2_9 << EOD
0 5.574246119 4.313846089 6.834646149 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_9 << EOD
0 6.160015889 -0.333
0 5.290799276 0
0 5.271923191 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,621 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1242 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Beyond the paper (reduced setting)' at screen 0.50000,0.96055 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.05395 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.03366 left font ',9'
set object rectangle from screen 0.07315,0.93285 to screen 0.09565,0.91675 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.10190,0.92480 left
set object rectangle from screen 0.23575,0.93285 to screen 0.25825,0.91675 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.26450,0.92480 left
set object rectangle from screen 0.41375,0.93285 to screen 0.43625,0.91675 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'self-distillation' at screen 0.44250,0.92480 left
set object rectangle from screen 0.60715,0.93285 to screen 0.62965,0.91675 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'self-distillation with weights omega' at screen 0.63590,0.92480 left
set object rectangle from screen 0.08515,0.90805 to screen 0.10765,0.89195 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A'
set label 'distillation from a smoothed teacher' at screen 0.11390,0.90000 left
set object rectangle from screen 0.42485,0.90805 to screen 0.44735,0.89195 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7'
set label 'Beta smoothing' at screen 0.45360,0.90000 left
set object rectangle from screen 0.59515,0.90805 to screen 0.61765,0.89195 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#000000'
set label 'Beta smoothing, EMA starts as a copy' at screen 0.62390,0.90000 left
set object rectangle from screen 0.13950,0.88325 to screen 0.16200,0.86715 fs pattern 4 border lc rgb '#00407A' lw 0.5 fc rgb '#00407A'
set label 'Beta smoothing, EMA in eval mode with averaged buffers' at screen 0.16825,0.87520 left
set object rectangle from screen 0.61780,0.88325 to screen 0.64030,0.86715 fs pattern 4 border lc rgb '#CC4E00' lw 0.5 fc rgb '#CC4E00'
set label 'entropy regularisation 0.1' at screen 0.64655,0.87520 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.84670
set bmargin at screen 0.50853
set label 'test accuracy (%), axis cut' at screen 0.02712,0.67762 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [82.3901616499:86.4831716834]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $runs_1_1 using ($1 + -0.35556 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_1 using ($1 + -0.35556):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_1 using ($1 + -0.35556):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_1 using ($1 + -0.35556):2 with points pt 7 ps 1.1 lc rgb '#00407A', \
  $runs_1_2 using ($1 + -0.26667 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_2 using ($1 + -0.26667):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_2 using ($1 + -0.26667):2 with points pt 5 ps 1.4 lc rgb '#ffffff', \
  $mean_1_2 using ($1 + -0.26667):2 with points pt 5 ps 1.1 lc rgb '#CC4E00', \
  $runs_1_3 using ($1 + -0.17778 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#804AA5DE', \
  $mean_1_3 using ($1 + -0.17778):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#4AA5DE', \
  $mean_1_3 using ($1 + -0.17778):2 with points pt 9 ps 1.4 lc rgb '#ffffff', \
  $mean_1_3 using ($1 + -0.17778):2 with points pt 9 ps 1.1 lc rgb '#4AA5DE', \
  $runs_1_4 using ($1 + -0.088889 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#80E8B500', \
  $mean_1_4 using ($1 + -0.088889):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#E8B500', \
  $mean_1_4 using ($1 + -0.088889):2 with points pt 13 ps 1.4 lc rgb '#ffffff', \
  $mean_1_4 using ($1 + -0.088889):2 with points pt 13 ps 1.1 lc rgb '#E8B500', \
  $runs_1_5 using ($1 + 0 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#8000664A', \
  $mean_1_5 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00664A', \
  $mean_1_5 using ($1 + 0):2 with points pt 11 ps 1.4 lc rgb '#ffffff', \
  $mean_1_5 using ($1 + 0):2 with points pt 11 ps 1.1 lc rgb '#00664A', \
  $runs_1_6 using ($1 + 0.088889 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC79A7', \
  $mean_1_6 using ($1 + 0.088889):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC79A7', \
  $mean_1_6 using ($1 + 0.088889):2 with points pt 15 ps 1.4 lc rgb '#ffffff', \
  $mean_1_6 using ($1 + 0.088889):2 with points pt 15 ps 1.1 lc rgb '#CC79A7', \
  $runs_1_7 using ($1 + 0.17778 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#80000000', \
  $mean_1_7 using ($1 + 0.17778):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#000000', \
  $mean_1_7 using ($1 + 0.17778):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_7 using ($1 + 0.17778):2 with points pt 7 ps 1.1 lc rgb '#000000', \
  $runs_1_8 using ($1 + 0.26667 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_8 using ($1 + 0.26667):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_8 using ($1 + 0.26667):2 with points pt 4 ps 1.4 lc rgb '#ffffff', \
  $mean_1_8 using ($1 + 0.26667):2 with points pt 4 ps 1.1 lc rgb '#00407A', \
  $runs_1_9 using ($1 + 0.35556 + 0.071111*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_9 using ($1 + 0.35556):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_9 using ($1 + 0.35556):2 with points pt 8 ps 1.4 lc rgb '#ffffff', \
  $mean_1_9 using ($1 + 0.35556):2 with points pt 8 ps 1.1 lc rgb '#CC4E00'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.45056
set bmargin at screen 0.11240
set label 'test ECE (%)' at screen 0.02712,0.28148 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [0:15.0957223487]
set xtics ('' 0) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $mean_2_1 using ($1 + -0.35556):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A', \
  $mean_2_2 using ($1 + -0.26667):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_3 using ($1 + -0.17778):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE', \
  $mean_2_4 using ($1 + -0.088889):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500', \
  $mean_2_5 using ($1 + 0):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00664A', \
  $mean_2_6 using ($1 + 0.088889):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC79A7', \
  $mean_2_7 using ($1 + 0.17778):2:(0.088889) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#000000', \
  $mean_2_8 using ($1 + 0.26667):2:(0.088889) with boxes fs pattern 4 border lc rgb '#00407A' lw 0.5 fc rgb '#00407A', \
  $mean_2_9 using ($1 + 0.35556):2:(0.088889) with boxes fs pattern 4 border lc rgb '#CC4E00' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_1 using ($1 + -0.35556):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_1 using ($1 + -0.35556):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_1 using ($1 + -0.35556 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_1 using ($1 + -0.35556 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_2 using ($1 + -0.26667):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_2 using ($1 + -0.26667):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_2 using ($1 + -0.26667 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_2 using ($1 + -0.26667 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_3 using ($1 + -0.17778):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_3 using ($1 + -0.17778):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_3 using ($1 + -0.17778 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_3 using ($1 + -0.17778 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_4 using ($1 + -0.088889):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_4 using ($1 + -0.088889):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_4 using ($1 + -0.088889 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_4 using ($1 + -0.088889 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_5 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_5 using ($1 + 0):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_5 using ($1 + 0 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_5 using ($1 + 0 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_6 using ($1 + 0.088889):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_6 using ($1 + 0.088889):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_6 using ($1 + 0.088889 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_6 using ($1 + 0.088889 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_7 using ($1 + 0.17778):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_7 using ($1 + 0.17778):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_7 using ($1 + 0.17778 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_7 using ($1 + 0.17778 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_8 using ($1 + 0.26667):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_8 using ($1 + 0.26667):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_8 using ($1 + 0.26667 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_8 using ($1 + 0.26667 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_9 using ($1 + 0.35556):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_9 using ($1 + 0.35556):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_9 using ($1 + 0.35556 + 0.071111*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_9 using ($1 + 0.35556 + 0.071111*$3):2 with points pt 7 ps 0.32 lc rgb '#404040'
unset multiplot
unset output
}
