# gnuplot beyond_controls-differences.gnuplot draws beyond_controls-differences.svg and beyond_controls-differences.png
if (!exists('stem')) stem = 'beyond_controls-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 1.33 0.6272386136 1.405522773
1 0.7333333333 -0.02960161452 1.525869896
2 0.3766666667 -0.2313533902 1.216040114
3 0.4966666667 -0.1078354322 1.209004198
4 -0.1 -0.8013368235 1.402673647
5 0.54 -0.161809063 1.403618126
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 1.33 0.3496214755 1.960757049
1 0.7333333333 -0.3195459423 2.105758551
2 0.3766666667 -0.4346094417 1.622552217
3 0.4966666667 -0.3057332222 1.604799778
4 -0.1 -1.046421827 1.892843655
5 0.54 -0.4104822563 1.900964513
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
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 6 seeds.' at screen 0.01750,0.08153 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.73574
set bmargin at screen 0.27791
set label 'Difference in test accuracy (points)' at screen 0.75662,0.79357 center font ',12'
set xrange [-1.18069384136:2.44465053858]
set yrange [5.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation against labels of another image of the class' 0, 'self-distillation against the teacher''s strength alone' 1, 'self-distillation against the teacher''s other classes, one strength' 2, 'the teacher''s strength alone against label smoothing' 3, 'labels of another image of the class against label smoothing' 4, 'the teacher''s strength alone against Beta smoothing' 5) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
