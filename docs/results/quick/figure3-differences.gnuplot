# gnuplot figure3-differences.gnuplot draws figure3-differences.svg and figure3-differences.png
if (!exists('stem')) stem = 'figure3-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.18 0.1369734727 0.08605305459
1 0.4566666667 -1.069478319 3.052289972
2 0.72 0.1785947376 1.082810525
3 -0.03333333333 -0.3822935307 0.6979203948
4 -0.1166666667 -1.048908091 1.86448285
5 0.39 -1.130608852 3.041217705
6 0.54 -0.01989620528 1.119792411
7 0.4233333333 -0.8684978941 2.583662455
8 0.2766666667 -1.290966605 3.135266543
9 -0.08333333333 -0.8579436112 1.549220556
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.18 -0.01962480452 0.399249609
1 0.4566666667 -6.623997604 14.16132854
2 0.72 -1.791890372 5.023780744
3 -0.03333333333 -1.652360375 3.238054083
4 -0.1166666667 -4.441870765 8.650408196
5 0.39 -6.664978962 14.10995792
6 0.54 -2.05768049 5.195360981
7 0.4233333333 -5.570214658 11.98709598
8 0.2766666667 -6.99648562 14.54630457
9 -0.08333333333 -3.677195888 7.187725109
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 8.159641555 6.31145284 3.696377429
1 5.244094031 4.52607158 1.436044901
2 5.099594876 3.865317615 2.468554523
3 6.87533996 4.698381283 4.353917353
4 4.504619915 2.62582449 3.75759085
5 4.129281667 2.71124304 2.836077254
6 -3.060046679 -3.869695207 1.619297057
7 -2.746058293 -3.907144181 2.322171775
8 -2.915547524 -5.48091686 5.130738671
9 -2.370720045 -2.776895382 0.8123506741
10 0.1444991542 -1.788192923 3.865384154
11 0.3753382485 -0.7529973123 2.256671122
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 8.159641555 -0.4151687777 17.14962067
1 5.244094031 1.749579837 6.989028388
2 5.099594876 -0.6269271666 11.45304409
3 6.87533996 -3.224823301 20.20032652
4 4.504619915 -4.21219255 17.43362493
5 4.129281667 -2.449815031 13.1581934
6 -3.060046679 -6.816471829 7.512850301
7 -2.746058293 -8.133003462 10.77389034
8 -2.915547524 -14.81777121 23.80444736
9 -2.370720045 -4.301911337 3.862382585
10 0.1444991542 -8.822370875 17.93374006
11 0.3753382485 -4.859659319 10.46999514
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
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8 and DenseNet-BC-16-12, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.03183 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.89783
set bmargin at screen 0.54379
set label 'Difference in test accuracy (points)' at screen 0.75662,0.92019 center font ',12'
set xrange [-7.57833780258:8.13167113591]
set yrange [9.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, Fashion-MNIST, ResNet-8' 0, 'Beta smoothing against cross entropy, Fashion-MNIST, ResNet-8' 1, 'self-distillation against cross entropy, Fashion-MNIST, ResNet-8' 2, 'label smoothing against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 3, 'Beta smoothing against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 4, 'self-distillation against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 5, 'self-distillation against label smoothing, Fashion-MNIST, ResNet-8' 6, 'self-distillation against label smoothing, Fashion-MNIST, DenseNet-BC-16-12' 7, 'Beta smoothing against label smoothing, Fashion-MNIST, ResNet-8' 8, 'Beta smoothing against label smoothing, Fashion-MNIST, DenseNet-BC-16-12' 9) scale 0
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
set xrange [-16.0895021824:18.2472341971]
set yrange [11.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('label smoothing against cross entropy, Fashion-MNIST, ResNet-8' 0, 'Beta smoothing against cross entropy, Fashion-MNIST, ResNet-8' 1, 'self-distillation against cross entropy, Fashion-MNIST, ResNet-8' 2, 'label smoothing against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 3, 'Beta smoothing against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 4, 'self-distillation against cross entropy, Fashion-MNIST, DenseNet-BC-16-12' 5, 'self-distillation against label smoothing, Fashion-MNIST, ResNet-8' 6, 'self-distillation against label smoothing, Fashion-MNIST, DenseNet-BC-16-12' 7, 'Beta smoothing against label smoothing, Fashion-MNIST, ResNet-8' 8, 'Beta smoothing against label smoothing, Fashion-MNIST, DenseNet-BC-16-12' 9, 'Beta smoothing against self-distillation, Fashion-MNIST, ResNet-8' 10, 'Beta smoothing against self-distillation, Fashion-MNIST, DenseNet-BC-16-12' 11) scale 0
set object rectangle from -0.5616530956, graph 0 to 0.5616530956, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
