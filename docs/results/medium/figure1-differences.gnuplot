# gnuplot figure1-differences.gnuplot draws figure1-differences.svg and figure1-differences.png
if (!exists('stem')) stem = 'figure1-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 2.03 0.3141458233 3.431708353
1 0.9533333333 0.3894265008 1.127813665
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 2.03 0.3141458233 3.431708353
1 0.9533333333 0.005855379787 1.894955907
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -0.7021822708 -0.872065316 0.3397660903
1 -0.3004207224 -0.3691064105 0.1373713763
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -0.7021822708 -1.199267116 0.9941696896
1 -0.3004207224 -0.5137010322 0.4265606196
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 0.3423671685 0.306341726 0.07205088511
1 0.2001775361 0.132129362 0.1360963482
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 0.3423671685 0.2186015884 0.2475311603
1 0.2001775361 0.02801320081 0.3443286706
EOD
# row, mean, lower end, length; 95 %
$estimates_4 << EOD
0 1.025475061 0.7731638938 0.504622335
1 0.489438531 0.2009849789 0.5769071041
EOD
# row, mean, lower end, length; adjusted
$estimates_4_wide << EOD
0 1.025475061 0.3353498798 1.380250363
1 0.489438531 0.07342672537 0.8320236112
EOD
# row, mean, lower end, length; 95 %
$estimates_5 << EOD
0 0.05200831966 0.04640500638 0.01120662656
EOD
# row, mean, lower end, length; adjusted
$estimates_5_wide << EOD
0 0.05200831966 0.03366025611 0.0366961271
EOD
# row, mean, lower end, length; 95 %
$estimates_6 << EOD
0 1 1 0
1 1 1 0
EOD
# row, mean, lower end, length; adjusted
$estimates_6_wide << EOD
0 1 1 0
1 1 1 0
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,627 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1254 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.96093 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.05247 left font ',9'
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.03238 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.89506
set bmargin at screen 0.83445
set label 'Difference in test accuracy (points)' at screen 0.75662,0.91802 center font ',12'
set xrange [-0.669834167066:3.91568834372]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('generation 3 against generation 0' 0, 'generation 3 against generation 1' 1) scale 0
set object rectangle from -0.5, graph 0 to 0.5, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.75024
set bmargin at screen 0.68963
set label 'Difference in test NLL (nats)' at screen 0.75662,0.77321 center font ',12'
set xrange [-1.25936470252:0.363270144091]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('generation 3 against generation 0' 0, 'generation 3 against generation 1' 1) scale 0
set object rectangle from -0.3031725572, graph 0 to 0.3031725572, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.60542
set bmargin at screen 0.54482
set label 'Difference in predictive uncertainty (nats)' at screen 0.75662,0.62839 center font ',12'
set xrange [-0.122645309947:0.488778058617]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('generation 3 against generation 0' 0, 'generation 3 against generation 1' 1) scale 0
set object rectangle from -0.1, graph 0 to 0.1, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_3_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_3 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_3 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.46061
set bmargin at screen 0.40000
set label 'Difference in confidence diversity (nats)' at screen 0.75662,0.48357 center font ',12'
set xrange [-0.172624009714:1.78822425257]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('generation 3 against generation 0' 0, 'generation 3 against generation 1' 1) scale 0
set object rectangle from -0.1, graph 0 to 0.1, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_4_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_4 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_4 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.31579
set bmargin at screen 0.25518
set label 'Difference in variance of the confidence' at screen 0.75662,0.33876 center font ',12'
set xrange [-0.00281425532839:0.0731706385381]
set yrange [0.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('generation 3 against generation 0' 0) scale 0
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_5_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_5 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_5 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
reset
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.17097
set bmargin at screen 0.11037
set label 'Rank correlation with test accuracy ' at screen 0.75662,0.19394 center font ',12'
set xrange [-0.04:1.04]
set yrange [1.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('confidence diversity (nats)' 0, 'predictive uncertainty (nats)' 1) scale 0
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_6_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_6 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_6 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
