# gnuplot appendix_a6_a7-differences.gnuplot draws appendix_a6_a7-differences.svg and appendix_a6_a7-differences.png
if (!exists('stem')) stem = 'appendix_a6_a7-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.2466666667 -0.7887549893 2.070843312
1 0.15 -0.3633216782 1.026643356
2 0.1566666667 -0.6989496038 1.711232541
3 0.61 -0.5262045079 2.272409016
4 0.4866666667 -0.3025440538 1.578421441
5 0.15 -0.3633216782 1.026643356
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.2466666667 -2.372987475 5.239308282
1 0.15 -1.148722363 2.597444727
2 0.1566666667 -2.008073363 4.329480059
3 0.61 -2.264638392 5.749276784
4 0.4866666667 -1.510064926 3.993463185
5 0.15 -1.148722363 2.597444727
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,249 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,498 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.90161 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.13213 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.08153 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.73574
set bmargin at screen 0.27791
set label 'Difference in test accuracy (points)' at screen 0.75662,0.79357 center font ',12'
set xrange [-2.60729250922:3.71894342682]
set yrange [5.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation against cross entropy, weight decay 1e-05' 0, 'self-distillation against cross entropy, weight decay 0.0001' 1, 'self-distillation against cross entropy, weight decay 0.001' 2, 'self-distillation against cross entropy, train limit 500' 3, 'self-distillation against cross entropy, train limit 1000' 4, 'self-distillation against cross entropy, train limit 2000' 5) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
