# gnuplot appendix_a2-differences.gnuplot draws appendix_a2-differences.svg and appendix_a2-differences.png
if (!exists('stem')) stem = 'appendix_a2-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 -4.337649311 -7.435343739 6.195388854
1 -0.4176129524 -8.56112779 16.28702967
2 23.89484536 14.93597666 17.91773739
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 -4.337649311 -8.805188167 8.935077711
1 -0.4176129524 -12.1623056 23.48938529
2 23.89484536 7.968709909 31.85227089
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,192 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,384 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Paired differences of the claims (reduced setting)' at screen 0.50000,0.87240 center font ',15'
set label 'Thick: 95 % interval of each comparison alone; thin: adjusted by Holm''s procedure over all comparisons of the claims. Grey: differences that count as' at screen 0.01750,0.17135 left font ',9'
set label 'none, by the smallest margin of the panel. Fashion-MNIST, ResNet-8, 2000 training images, 60 epochs, no augmentation; 3 seeds.' at screen 0.01750,0.10573 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.65729
set bmargin at screen 0.36042
set label 'Difference in test ECE (points)' at screen 0.75662,0.73229 center font ',12'
set xrange [-14.2416370539:41.9003122586]
set yrange [2.6:-0.6]
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noytics
set errorbars 0
unset key
set ytics ('temperature on teacher against temperature on both, T = 1.5' 0, 'temperature on teacher against temperature on both, T = 2' 1, 'temperature on teacher against temperature on both, T = 4' 2) scale 0
set object rectangle from -0.6093732165, graph 0 to 0.6093732165, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_1_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_1 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_1 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
