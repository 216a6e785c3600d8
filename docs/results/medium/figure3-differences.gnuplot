# gnuplot figure3-differences.gnuplot draws figure3-differences.svg and figure3-differences.png
if (!exists('stem')) stem = 'figure3-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.09666666667 -0.8261536674 1.845640668
1 -0.3633333333 -1.389157136 2.051647606
2 1.556666667 -0.9454005373 5.004134408
3 1.46 0.1418280616 2.636343877
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.09666666667 -1.214989376 2.623312085
1 -0.3633333333 -1.859050412 2.991434157
2 1.556666667 -2.896339654 8.906012641
3 1.46 -0.586092807 4.092185614
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -23.76504032 -26.37435776 5.21863488
1 -20.73176995 -22.75708785 4.050635788
2 -19.20789636 -21.04258034 3.669367968
3 4.55714396 3.673945114 1.766397693
4 3.033270366 1.970395129 2.125750474
5 -1.523873594 -2.090709724 1.133672259
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -23.76504032 -29.2171456 10.90421056
1 -20.73176995 -24.8650624 8.26658489
2 -19.20789636 -22.99025028 7.564707842
3 4.55714396 3.1349959 2.844296121
4 3.033270366 1.403698216 3.259144299
5 -1.523873594 -2.339919275 1.632091361
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,416 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,832 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.94111 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.07957 left font ',9'
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.04928 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.84183
set bmargin at screen 0.56779
set label 'Difference in test accuracy (points)' at screen 0.75662,0.87644 center font ',12'
set xrange [-3.25258015956:6.36591349289]
set yrange [3.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 0, 'Beta smoothing against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 1, 'self-distillation against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 2, 'self-distillation against label smoothing, CIFAR-100, ResNet-18 (ImageNet stem)' 3) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.44087
set bmargin at screen 0.16683
set label 'Difference in test ECE (points)' at screen 0.75662,0.47548 center font ',12'
set xrange [-30.6250031034:7.38714952553]
set yrange [5.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 0, 'Beta smoothing against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 1, 'self-distillation against cross entropy, CIFAR-100, ResNet-18 (ImageNet stem)' 2, 'self-distillation against label smoothing, CIFAR-100, ResNet-18 (ImageNet stem)' 3, 'Beta smoothing against label smoothing, CIFAR-100, ResNet-18 (ImageNet stem)' 4, 'Beta smoothing against self-distillation, CIFAR-100, ResNet-18 (ImageNet stem)' 5) scale 0
set object rectangle from -0.5788310409, graph 0 to 0.5788310409, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
