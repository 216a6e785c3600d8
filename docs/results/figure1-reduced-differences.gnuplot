# gnuplot figure1-differences.gnuplot draws figure1-differences.svg and figure1-differences.png
if (!exists('stem')) stem = 'figure1-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 1.024 0.5366884031 0.9746231938
1 -0.104 -0.5572158638 0.9064317276
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 1.024 0.266707185 1.51458563
1 -0.104 -0.750543043 1.293086086
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -0.3740003241 -0.4576482059 0.1672957636
1 -0.08141086963 -0.1075521658 0.05228259234
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -0.3740003241 -0.532503844 0.3170070399
1 -0.08141086963 -0.1247601897 0.08669864021
EOD
# row, mean, lower end, length; 95 %
$estimates_3 << EOD
0 0.3297510303 0.249921733 0.1596585945
1 0.1406753032 0.1105196811 0.06031124422
EOD
# row, mean, lower end, length; adjusted
$estimates_3_wide << EOD
0 0.3297510303 0.1840482431 0.2914055744
1 0.1406753032 0.08162720597 0.1180961945
EOD
# row, mean, lower end, length; 95 %
$estimates_4 << EOD
0 -0.4174392454 -0.445152781 0.05542707121
1 -0.2353248345 -0.2543844333 0.03811919768
EOD
# row, mean, lower end, length; adjusted
$estimates_4_wide << EOD
0 -0.4174392454 -0.4747989354 0.1147193799
1 -0.2353248345 -0.2737507365 0.07685180403
EOD
# row, mean, lower end, length; 95 %
$estimates_5 << EOD
0 0.01384924795 0.01036037675 0.006977742392
EOD
# row, mean, lower end, length; adjusted
$estimates_5_wide << EOD
0 0.01384924795 0.007753487727 0.01219152044
EOD
# row, mean, lower end, length; 95 %
$estimates_6 << EOD
0 0.1732050808 -0.9198824502 1.91988245
1 -0.1732050808 -1 1.91988245
EOD
# row, mean, lower end, length; adjusted
$estimates_6_wide << EOD
0 0.1732050808 -1 2
1 -0.1732050808 -1 2
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
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-8, 2000 training images, 80 epochs, no augmentation; 5 seeds.' at screen 0.01750,0.03238 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.89506
set bmargin at screen 0.83445
set label 'Difference in test accuracy (points)' at screen 0.75662,0.91802 center font ',12'
set xrange [-0.851816477367:1.88256624929]
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
set xrange [-0.568662058473:0.407609731835]
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
set object rectangle from -0.3714515174, graph 0 to 0.3714515174, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
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
set xrange [-0.123018152699:0.498471970182]
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
set xrange [-0.49779089277:0.122991957414]
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
set xrange [-0.00079780032677:0.020742808496]
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
