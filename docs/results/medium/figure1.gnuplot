# gnuplot figure1.gnuplot draws figure1.svg and figure1.png
if (!exists('stem')) stem = 'figure1'
if (!exists('kinds')) kinds = 'svg png'
set encoding utf8
# '': x, mean, the interval's ends, whether it stands alone
$mean_1_1 << EOD
0 37.99 37.128677 38.851323 0
1 39.06666667 38.19531533 39.938018 0
2 39.30666667 38.29750324 40.3158301 0
3 40.02 38.72467045 41.31532955 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_1_1 << EOD
0 37.96 -0.333
0 37.7 0
0 38.31 0.333
1 39.4 -0.333
1 39.02 0
1 38.78 0.333
2 39.73 -0.333
2 39.27 0
2 38.92 0.333
3 40.6 -0.333
3 39.87 0
3 39.59 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_2_1 << EOD
0 3.43348712 3.348599438 3.518374802 0
1 3.031725572 2.72666163 3.336789513 0
2 2.867668234 2.571571485 3.163764983 0
3 2.731304849 2.477766975 2.984842723 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_2_1 << EOD
0 3.394712972 -0.333
0 3.459209979 0
0 3.446538409 0.333
1 2.890881927 -0.333
1 3.087888695 0
1 3.116406093 0.333
2 2.734737908 -0.333
2 2.903236955 0
2 2.965029838 0.333
3 2.61358377 -0.333
3 2.794972805 0
3 2.785357974 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_3_1 << EOD
0 29.55335073 27.87760364 31.22909781 0
1 24.22347455 20.78234753 27.66460158 0
2 21.5789285 17.85269608 25.30516092 0
3 18.61229923 15.06015588 22.16444258 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_3_1 << EOD
0 28.84618117 -0.333
0 30.18976091 0
0 29.6241101 0.333
1 22.70471908 -0.333
1 24.54819572 0
1 25.41750886 0.333
2 19.9091665 -0.333
2 22.01512118 0
2 22.81249782 0.333
3 16.97428028 -0.333
3 19.25139032 0
3 19.61122707 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_4_1 << EOD
1 0.2992051999 0.1973961057 0.4010142941 0
2 0.4413948324 0.279669558 0.6031201068 0
3 0.5500291971 0.3913015813 0.7087568129 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_4_1 << EOD
1 0.3464734879 -0.333
1 0.2735852608 0
1 0.2775568511 0.333
2 0.5115813025 -0.333
2 0.429621527 0
2 0.3829816676 0.333
3 0.6222548514 -0.333
3 0.5269681611 0
3 0.5008645788 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_5_1 << EOD
1 -1.78893162 -2.270838197 -1.307025044 0
2 -1.25289509 -1.738741271 -0.7670489085 0
3 -0.9519063588 -1.307559828 -0.5962528898 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_5_1 << EOD
1 -1.565310544 -0.333
1 -1.912086318 0
1 -1.889397999 0.333
2 -1.045508434 -0.333
2 -1.279164999 0
2 -1.434011837 0.333
3 -0.7905638554 -0.333
3 -1.001368067 0
3 -1.063787154 0.333
EOD
# '': x, mean, the interval's ends, whether it stands alone
$mean_6_1 << EOD
1 0.01915031305 0.006914829856 0.03138579624 0
2 0.03860831595 0.01856911852 0.05864751338 0
3 0.05632931699 0.03524680952 0.07741182447 0
EOD
# x, single run, its place among them from -1/2 to 1/2
$runs_6_1 << EOD
1 0.02483292187 -0.333
1 0.01651142972 0
1 0.01610658755 0.333
2 0.04744227005 -0.333
2 0.03674970014 0
2 0.03163297765 0.333
3 0.06579731256 -0.333
3 0.05378494032 0
3 0.04940569809 0.333
EOD
do for [kind in kinds] {
if (kind eq 'svg') {
set terminal svg size 1100,639 noenhanced font 'sans-serif,11' background '#ffffff'
} else {
set terminal pngcairo size 2200,1278 noenhanced font 'sans-serif,11' fontscale 1.5 \
  linewidth 2 pointscale 2 background '#ffffff'
}
set output stem.'.'.kind
set multiplot
reset
set label 'Sequential self-distillation (reduced setting)' at screen 0.50000,0.96166 center font ',15'
set label 'CIFAR-100, ResNet-18 (ImageNet stem), 20000 training images, 12 epochs, no augmentation; 3 seeds. Means with 95 % intervals (t over seeds, of test data over images too); dots: single runs. Reduced: the paper has' at screen 0.01273,0.05211 left font ',9'
set label 'CIFAR-100, ResNet-34, all training images, 150 epochs, standard augmentation, schedule multi-step, warmup epochs 0, weight decay 0.0001' at screen 0.01273,0.03239 left font ',9'
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test accuracy' at screen 0.19488,0.91956 center font ',12'
set label 'generation' at screen 0.19488,0.52347 center font ',11'
set label 'test accuracy (%)' at screen 0.01973,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [36.8356113229:41.608395224]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_1_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_1_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_1_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test NLL' at screen 0.51973,0.91956 center font ',12'
set label 'generation' at screen 0.51973,0.52347 center font ',11'
set label 'test NLL (nats)' at screen 0.34458,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [2.40492442748:3.59121735019]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_2_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_2_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_2_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.89703
set bmargin at screen 0.56839
set label 'Test ECE' at screen 0.84458,0.91956 center font ',12'
set label 'generation' at screen 0.84458,0.52347 center font ',11'
set label 'test ECE (%)' at screen 0.66942,0.73271 center rotate by 90 font ',11'
set xrange [-0.12:3.12]
set yrange [13.9283299394:32.3609237483]
set xtics 0,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_3_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_3_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_3_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.06491
set rmargin at screen 0.32485
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Uncertainty of the teacher' at screen 0.19488,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.19488,0.08811 center font ',11'
set label 'predictive uncertainty (nats)' at screen 0.01973,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [0.161600856242:0.744552062391]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_4_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_4_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_4_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.38976
set rmargin at screen 0.64970
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Diversity of the teacher' at screen 0.51973,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.51973,0.08811 center font ',11'
set label 'confidence diversity (nats)' at screen 0.34458,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [-2.3880591686:-0.479031918329]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_5_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_5_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_5_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
reset
set lmargin at screen 0.71461
set rmargin at screen 0.97455
set tmargin at screen 0.46166
set bmargin at screen 0.13302
set label 'Var(c) of the teacher' at screen 0.84458,0.48419 center font ',12'
set label 'generation that it teaches' at screen 0.84458,0.08811 center font ',11'
set label 'variance of the confidence' at screen 0.66942,0.29734 center rotate by 90 font ',11'
set xrange [0.92:3.08]
set yrange [0.00198004023306:0.0823466140887]
set xtics 1,1
set tics nomirror textcolor rgb '#303030' font ',10'
set format '%g'
set minussign
set border 3 lc rgb '#808080'
set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back
set errorbars 0
unset key
plot $mean_6_1 using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '#00407A', \
  $runs_6_1 using 1:2 with points pt 7 ps 0.35 lc rgb '#9000407A', \
  $mean_6_1 using 1:2 with linespoints lw 1.8 pt 7 pi 1 ps 0.7 lc rgb '#00407A'
unset multiplot
unset output
}
