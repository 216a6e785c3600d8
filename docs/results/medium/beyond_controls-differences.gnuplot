# gnuplot beyond_controls-differences.gnuplot draws beyond_controls-differences.svg and beyond_controls-differences.png
if (!exists('stem')) stem = 'beyond_controls-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 1.71 0.6226765195 2.174646961
1 1.03 0.1981214783 1.663757043
2 0.37 -0.6809059776 2.101811955
3 0.43 -0.1921920992 1.244384198
4 -0.25 -0.8302547629 1.160509526
5 0.89 0.320288917 1.139422166
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 1.71 -0.002230191254 3.424460383
1 1.03 -0.1723943542 2.404788708
2 0.37 -1.277358867 3.294717734
3 0.43 -0.4093122412 1.678624482
4 -0.25 -1.018875824 1.537751647
5 0.89 0.1064819718 1.567036056
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
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.08153 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.73574
set bmargin at screen 0.27791
set label 'Difference in test accuracy (points)' at screen 0.75662,0.79357 center font ',12'
set xrange [-1.46534242957:3.61021375359]
set yrange [5.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('self-distillation against labels of another image of the class' 0, 'self-distillation against the teacher''s strength alone' 1, 'self-distillation against the teacher''s other classes alone' 2, 'the teacher''s strength alone against label smoothing' 3, 'labels of another image of the class against label smoothing' 4, 'the teacher''s strength alone against Beta smoothing' 5) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
