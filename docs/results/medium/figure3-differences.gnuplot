# gnuplot figure3-differences.gnuplot draws figure3-differences.svg and figure3-differences.png
if (!exists('stem')) stem = 'figure3-differences'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# row, mean, lower end, length; 95 %
$estimates_1 << EOD
0 -0.006666666667 -1.150991689 2.288650044
1 -0.05 -1.071847934 2.043695867
2 1.223333333 -0.02626145996 2.499189587
3 1.23 0.3314220454 1.797155909
EOD
# row, mean, lower end, length; adjusted
$estimates_1_wide << EOD
0 -0.006666666667 -1.668622762 3.323912192
1 -0.05 -1.509352827 2.918705653
2 1.223333333 -0.6036600397 3.653986746
3 1.23 -0.01535294204 2.490705884
EOD
# row, mean, lower end, length; 95 %
$estimates_2 << EOD
0 -23.82098349 -24.96560146 2.28923593
1 -21.33652 -22.52356697 2.374093937
2 -18.42067704 -19.84694372 2.852533363
3 5.400306459 3.690835572 3.418941775
4 2.484463498 0.9320263456 3.104874305
5 -2.915842961 -4.635592722 3.439499522
EOD
# row, mean, lower end, length; adjusted
$estimates_2_wide << EOD
0 -23.82098349 -25.88657652 4.131186048
1 -21.33652 -23.4266507 4.180261408
2 -18.42067704 -20.90831432 4.975274575
3 5.400306459 2.486700602 5.827211714
4 2.484463498 0.05482392234 4.859279151
5 -2.915842961 -5.738610843 5.645535764
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
set label 'none, by the smallest margin of the panel. CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 6 seeds.' at screen 0.01750,0.04928 left font ',9'
set lmargin at screen 0.54825
set rmargin at screen 0.96500
set tmargin at screen 0.84183
set bmargin at screen 0.56779
set label 'Difference in test accuracy (points)' at screen 0.75662,0.87644 center font ',12'
set xrange [-1.85738074122:3.23908468508]
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
set xrange [-27.2545960721:9.6819318694]
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
set object rectangle from -0.5840725507, graph 0 to 0.5840725507, graph 1 fs solid 1 noborder fc rgb '#ececec' behind
set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back
plot $estimates_2_wide using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#00407A', \
  $estimates_2 using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#00407A', \
  $estimates_2 using 2:1 with points pt 7 ps 0.9 lc rgb '#00407A'
unset multiplot
unset output
}
