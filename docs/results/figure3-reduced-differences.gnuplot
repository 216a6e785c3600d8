# gnuplot figure3-differences.gnuplot draws figure3-differences.svg and figure3-differences.png
if (!exists('stem')) stem = 'figure3-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.398 -0.404455079 1.604910158
1 -0.028 -0.8875059727 1.719011945
2 1.186 0.09585719354 2.180285613
3 0.03 -0.7649074344 1.589814869
4 -1.06 -1.533463269 0.9469265379
5 1.924 0.7967974805 2.254405039
6 0.788 -0.2246377016 2.025275403
7 1.894 1.0163798 1.7552404
8 -1.09 -1.929065414 1.678130828
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.398 -1.262869806 3.321739612
1 -0.028 -1.806950069 3.557900138
2 1.186 -1.070307324 4.512614648
3 0.03 -1.615248178 3.290496356
4 -1.06 -2.085802689 2.051605379
5 1.924 -0.4090111295 4.666022259
6 0.788 -1.307892253 4.191784506
7 1.894 0.03368494657 3.720630107
8 -1.09 -2.826643518 3.473287037
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -15.09415328 -17.34157716 4.494847769
1 -14.73095919 -17.12286179 4.783805201
2 -9.36573276 -12.01587127 5.300277011
3 -18.2740097 -20.68203781 4.816056229
4 -16.95500877 -19.06787892 4.225740299
5 -12.16471523 -14.1343336 3.939236738
6 5.728420516 2.382321734 6.692197564
7 6.109294468 4.683337397 2.851914143
8 0.363194086 -0.6985134627 2.123415097
9 1.319000928 0.5415866452 1.554828566
10 -5.36522643 -7.959591901 5.188730941
11 -4.79029354 -6.538431295 3.49627551
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -15.09415328 -20.48992555 10.79154454
1 -14.73095919 -20.30426544 11.14661251
2 -9.36573276 -15.33529184 11.93911817
3 -18.2740097 -24.13548443 11.72294946
4 -16.95500877 -22.16567255 10.42132755
5 -12.16471523 -16.82528018 9.321129899
6 5.728420516 -1.197119095 13.85107922
7 6.109294468 2.840655101 6.537278734
8 0.363194086 -1.834259774 4.39490772
9 1.319000928 -0.2900410525 3.218083961
10 -5.36522643 -10.73487688 10.7393009
11 -4.79029354 -8.6549978 7.729408519
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,644 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1288 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.96196 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.05140 left font ',9'
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-8 and DenseNet-BC-16-12, 2000 training images, 80 epochs, no augmentation; 5 seeds.' at screen 0.01750,0.03183 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.89783
set bmargin at screen 0.54379
set label 'Difference in test accuracy (points)' at screen 0.75662,0.92019 center font ',12'
set xrange [-3.10998970427:4.54035731544]
set yrange [8.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, CIFAR-100, ResNet-8' 0, 'Beta smoothing against cross entropy, CIFAR-100, ResNet-8' 1, 'self-distillation against cross entropy, CIFAR-100, ResNet-8' 2, 'label smoothing against cross entropy, CIFAR-100, DenseNet-BC-16-12' 3, 'Beta smoothing against cross entropy, CIFAR-100, DenseNet-BC-16-12' 4, 'self-distillation against cross entropy, CIFAR-100, DenseNet-BC-16-12' 5, 'self-distillation against label smoothing, CIFAR-100, ResNet-8' 6, 'self-distillation against label smoothing, CIFAR-100, DenseNet-BC-16-12' 7, 'Beta smoothing against label smoothing, CIFAR-100, DenseNet-BC-16-12' 8) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.46180
set bmargin at screen 0.10776
set label 'Difference in test ECE (points)' at screen 0.75662,0.48416 center font ',12'
set xrange [-25.6070622124:14.1255379094]
set yrange [11.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, CIFAR-100, ResNet-8' 0, 'Beta smoothing against cross entropy, CIFAR-100, ResNet-8' 1, 'self-distillation against cross entropy, CIFAR-100, ResNet-8' 2, 'label smoothing against cross entropy, CIFAR-100, DenseNet-BC-16-12' 3, 'Beta smoothing against cross entropy, CIFAR-100, DenseNet-BC-16-12' 4, 'self-distillation against cross entropy, CIFAR-100, DenseNet-BC-16-12' 5, 'self-distillation against label smoothing, CIFAR-100, ResNet-8' 6, 'self-distillation against label smoothing, CIFAR-100, DenseNet-BC-16-12' 7, 'Beta smoothing against label smoothing, CIFAR-100, ResNet-8' 8, 'Beta smoothing against label smoothing, CIFAR-100, DenseNet-BC-16-12' 9, 'Beta smoothing against self-distillation, CIFAR-100, ResNet-8' 10, 'Beta smoothing against self-distillation, CIFAR-100, DenseNet-BC-16-12' 11) scale 0
set object rectangle from -0.1681963072, graph 0 to 0.1681963072, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
