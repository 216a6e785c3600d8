# gnuplot figure3.gnuplot draws figure3.svg and figure3.png
if (!exists('stem')) stem = 'figure3'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 17.536 17.01320195 18.05879805 0
1 17.774 17.12817953 18.41982047 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 17.38 -0.4
0 17.1 -0.2
0 18.06 0
0 17.9 0.2
0 17.24 0.4
1 17.97 -0.4
1 17.32 -0.2
1 17.98 0
1 18.43 0.2
1 17.17 0.4
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_2 << EOD
0 17.934 17.19792256 18.67007744 0
1 17.804 17.1512342 18.4567658 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_2 << EOD
0 18.04 -0.4
0 17 -0.2
0 17.95 0
0 18.03 0.2
0 18.65 0.4
1 18.25 -0.4
1 17.11 -0.2
1 17.37 0
1 18.1 0.2
1 18.19 0.4
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_1_3 << EOD
0 17.508 16.98008103 18.03591897 0
1 16.714 16.35546213 17.07253787 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_3 << EOD
0 17.44 -0.4
0 18.12 -0.2
0 17.15 0
0 17.73 0.2
0 17.1 0.4
1 16.88 -0.4
1 16.81 -0.2
1 16.82 0
1 16.86 0.2
1 16.2 0.4
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_1_4 << EOD
0 18.722 17.76674955 19.67725045 0
1 19.698 18.50971393 20.88628607 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_4 << EOD
0 19.03 -0.4
0 18.29 -0.2
0 17.74 0
0 19.78 0.2
0 18.77 0.4
1 19.85 -0.4
1 18.02 -0.2
1 20.19 0
1 20.06 0.2
1 20.37 0.4
EOD
# 'cross entropy': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 17.05634344 15.09097195 19.02171493 0
1 19.95597277 17.70009804 22.2118475 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 17.13824577 -0.4
0 19.16317932 -0.2
0 14.7827882 0
0 16.6495428 0.2
0 17.54796112 0.4
1 22.38321002 -0.4
1 21.13104282 -0.2
1 19.36160604 0
1 19.17790978 0.2
1 17.72609519 0.4
EOD
# 'label smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_2 << EOD
0 1.962190165 1.060904566 2.863475765 0
1 1.681963072 1.278743785 2.085182358 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_2 << EOD
0 2.956065071 -0.4
0 1.327975422 -0.2
0 1.849618334 0
0 1.257987009 0.2
0 2.419304991 0.4
1 1.522464353 -0.4
1 1.522950441 -0.2
1 2.243293056 0
1 1.445379153 0.2
1 1.675728355 0.4
EOD
# 'Beta smoothing': x, mean, the interval's ends, whether it stands alone
$mean_2_3 << EOD
0 2.325384252 1.689073534 2.961694969 0
1 3.000964 2.198938443 3.802989557 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_3 << EOD
0 2.044122978 -0.4
0 2.204653432 -0.2
0 3.14755735 0
0 1.805005516 0.2
0 2.425581982 0.4
1 2.643118063 -0.4
1 3.801922444 -0.2
1 3.510668563 0
1 2.829165798 0.2
1 2.21994513 0.4
EOD
# 'self-distillation': x, mean, the interval's ends, whether it stands alone
$mean_2_4 << EOD
0 7.690610682 4.93422471 10.44699665 0
1 7.79125754 6.408364754 9.174150326 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_4 << EOD
0 4.981362657 -0.4
0 10.83945325 -0.2
0 8.304607559 0
0 6.290659834 0.2
0 8.036970107 0.4
1 9.329752186 -0.4
1 6.587941651 -0.2
1 8.107797578 0
1 8.111223105 0.2
1 6.819573179 0.4
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 800,636 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 1600,1272 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Soft labels compared (reduced setting)' at screen 0.50000,0.96148 center font ',15'
set label 'CIFAR-100, ResNet-8 and DenseNet-BC-16-12, 2000 training images, 80 epochs, no augmentation; 5 seeds. Means with 95 % intervals (t over seeds); dots:' at screen 0.01750,0.07186 left font ',9'
set label 'single runs. Reduced: the paper has CIFAR-100 and CUB-200 (2010) and Tiny-ImageNet, ResNet-34 and DenseNet-BC-100-12, all training images, 150 epochs and' at screen 0.01750,0.05204 left font ',9'
set label '200 epochs, standard augmentation, batch size 128, smoothing 0.15' at screen 0.01750,0.03223 left font ',9'
set object rectangle from screen 0.15785,0.93443 to screen 0.18035,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'
set label 'cross entropy' at screen 0.18660,0.92657 left
set object rectangle from screen 0.32045,0.93443 to screen 0.34295,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00'
set label 'label smoothing' at screen 0.34920,0.92657 left
set object rectangle from screen 0.49845,0.93443 to screen 0.52095,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE'
set label 'Beta smoothing' at screen 0.52720,0.92657 left
set object rectangle from screen 0.66875,0.93443 to screen 0.69125,0.91871 fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500'
set label 'self-distillation' at screen 0.69750,0.92657 left
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.87233
set bmargin at screen 0.54214
set label 'CIFAR-100' at screen 0.52712,0.89497 center font ',12'
set label 'test accuracy (%), axis cut' at screen 0.02712,0.70723 center rotate by 90 font ',11'
set xrange [-0.5:1.5]
set yrange [15.8719599751:21.2143260943]
set xtics ('ResNet-8' 0, 'DenseNet-BC-16-12' 1) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $runs_1_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#8000407A', \
  $mean_1_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#00407A', \
  $mean_1_1 using ($1 + -0.3):2 with points pt 7 ps 1.4 lc rgb '#ffffff', \
  $mean_1_1 using ($1 + -0.3):2 with points pt 7 ps 1.1 lc rgb '#00407A', \
  $runs_1_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#80CC4E00', \
  $mean_1_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#CC4E00', \
  $mean_1_2 using ($1 + -0.1):2 with points pt 5 ps 1.4 lc rgb '#ffffff', \
  $mean_1_2 using ($1 + -0.1):2 with points pt 5 ps 1.1 lc rgb '#CC4E00', \
  $runs_1_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#804AA5DE', \
  $mean_1_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#4AA5DE', \
  $mean_1_3 using ($1 + 0.1):2 with points pt 9 ps 1.4 lc rgb '#ffffff', \
  $mean_1_3 using ($1 + 0.1):2 with points pt 9 ps 1.1 lc rgb '#4AA5DE', \
  $runs_1_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.4 lc rgb '#80E8B500', \
  $mean_1_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 2 lc rgb '#E8B500', \
  $mean_1_4 using ($1 + 0.3):2 with points pt 13 ps 1.4 lc rgb '#ffffff', \
  $mean_1_4 using ($1 + 0.3):2 with points pt 13 ps 1.1 lc rgb '#E8B500'
reset
set lmargin at screen 0.08925
set rmargin at screen 0.96500
set tmargin at screen 0.45912
set bmargin at screen 0.12893
set label 'CIFAR-100' at screen 0.52712,0.48176 center font ',12'
set label 'test ECE (%)' at screen 0.02712,0.29403 center rotate by 90 font ',11'
set xrange [-0.5:1.5]
set yrange [0:23.8757714033]
set xtics ('ResNet-8' 0, 'DenseNet-BC-16-12' 1) scale 0
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set grid noxtics
set errorbars 0
unset key
plot $mean_2_1 using ($1 + -0.3):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A', \
  $mean_2_2 using ($1 + -0.1):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#CC4E00', \
  $mean_2_3 using ($1 + 0.1):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#4AA5DE', \
  $mean_2_4 using ($1 + 0.3):2:(0.2) with boxes fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#E8B500', \
  $mean_2_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_1 using ($1 + -0.3):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_1 using ($1 + -0.3 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_2 using ($1 + -0.1):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_2 using ($1 + -0.1 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_3 using ($1 + 0.1):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_3 using ($1 + 0.1 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040', \
  $mean_2_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 3.5 lc rgb '#ffffff', \
  $mean_2_4 using ($1 + 0.3):3:(0):($4 - $3) with vectors nohead lw 1.5 lc rgb '#000000', \
  $runs_2_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.45 lc rgb '#ffffff', \
  $runs_2_4 using ($1 + 0.3 + 0.16*$3):2 with points pt 7 ps 0.32 lc rgb '#404040'
unset multiplot
unset output
}
