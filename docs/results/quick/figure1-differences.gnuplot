# gnuplot figure1-differences.gnuplot draws figure1-differences.svg and figure1-differences.png
if (!exists('stem')) stem = 'figure1-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 0.5 0.02410767576 0.9517846485
1 -0.06 -0.7111095067 1.302219013
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 0.5 -0.9777236 2.9554472
1 -0.06 -2.081801646 4.043603291
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -0.04674220084 -0.09143869095 0.08939298021
1 -0.01249613564 -0.04732792094 0.06966357061
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -0.04674220084 -0.1855321222 0.2775798428
1 -0.01249613564 -0.1206545331 0.216316795
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 0.07246108076 0.0510560771 0.04281000731
1 0.04055477322 -0.0004786142249 0.08206677489
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 0.07246108076 0.002370342003 0.1401814775
1 0.04055477322 -0.08686061452 0.2548307755
EOD
# row, mean, lower end, length; 95 %
$estimates_4 << EOD
0 0.7350851288 0.5836318259 0.3029066057
1 0.3308382116 0.1413357515 0.3790049203
EOD
# row, mean, lower end, length; adjusted
$estimates_4_wide << EOD
0 0.7350851288 0.2147665826 1.040637092
1 0.3308382116 -0.2575979604 1.176872344
EOD
# row, mean, lower end, length; 95 %
$estimates_5 << EOD
0 0.01573294795 0.01056427972 0.01033733646
EOD
# row, mean, lower end, length; adjusted
$estimates_5_wide << EOD
0 0.01573294795 -0.000316613341 0.03209912257
EOD
# row, mean, lower end, length; 95 %
$estimates_6 << EOD
0 0 -1 2
1 0 -1 2
EOD
# row, mean, lower end, length; adjusted
$estimates_6_wide << EOD
0 0 -1 2
1 0 -1 2
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
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.03238 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.89506
set bmargin at screen 0.83445
set label 'Difference in test accuracy (points)' at screen 0.75662,0.91802 center font ',12'
set xrange [-2.24418265542:2.14010460985]
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
set xrange [-0.19677989759:0.106910037235]
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
set object rectangle from -0.04655516324, graph 0 to 0.04655516324, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
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
set xrange [-0.110718806438:0.178688967397]
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
set xrange [-0.318118025854:1.31592374031]
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
set xrange [-0.00160057824392:0.0330664741341]
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
set xrange [-1.08:1.08]
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
