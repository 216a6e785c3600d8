# gnuplot appendix_a5.gnuplot draws appendix_a5.svg and appendix_a5.png
if (!exists('stem')) stem = 'appendix_a5'
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
# 'EMA self-training': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 82.99 81.89895721 84.08104279 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 82.59 -0.333
0 83.46 0
0 82.92 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 84.43666667 82.64148683 86.23184651 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 83.64 -0.333
0 85.05 0
0 84.62 0.333
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
# 'EMA self-training': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 10.45507382 7.572702568 13.33744507 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 11.14019203 -0.333
0 11.10965082 0
0 9.115378614 0.333
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 10.86062499 8.66098901 13.06026096 1
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 10.76555826 -0.333
0 11.7897952 0
0 10.0265215 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,590 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1180 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'EMA predictions as labels (reduced setting)' at screen 0.50000,0.95847 center font ',15'
set label 'Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds); dots: single runs. Reduced:' at screen 0.01750,0.05644 left font ',9'
set label 'the paper has CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation' at screen 0.01750,0.03508 left font ',9'
set object rectangle from screen 0.15785,0.92932 to screen 0.18035,0.91237 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.18660,0.92085 left
set object rectangle from screen 0.32045,0.92932 to screen 0.34295,0.91237 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.34920,0.92085 left
set object rectangle from screen 0.49845,0.92932 to screen 0.52095,0.91237 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'EMA self-training' at screen 0.52720,0.92085 left
set object rectangle from screen 0.69185,0.92932 to screen 0.71435,0.91237 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'Beta smoothing' at screen 0.72060,0.92085 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.89085
set bmargin at screen 0.53492
set label 'test accuracy (%), axis cut' at screen 0.02712,0.71288 center rotate by 90 font ',11'
set xrange [-0.5:0.5]
set yrange [81.5956549645:86.5351487563]
set xtics ('' 0) scale 0
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
set tmargin at screen 0.47390
set bmargin at screen 0.11797
set label 'test ECE (%)' at screen 0.02712,0.29593 center rotate by 90 font ',11'
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
