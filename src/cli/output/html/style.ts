/**
 * Colours and layout of the page, for screen and paper.
 *
 * Each standing has a mark and a word besides its colour. Text has a contrast of at least 4.5 to 1
 * (WCAG 2.2, 1.4.3); `tests/page/` computes it in a browser.
 */

import type { Standing } from '../assess-group.ts';

/** Mark of a standing, the same as on the terminal. */
export const marks: Readonly<Record<Standing, string>> = {
  error: '✗',
  unknown: '?',
  waived: '~',
  warning: '!',
  'by-hand': '-',
  success: '✓',
  idle: '·',
};

/** Word of a standing. */
export const words: Readonly<Record<Standing, string>> = {
  error: 'Must be mended first',
  unknown: 'Could not be seen',
  waived: 'Waived for a time',
  warning: 'Worth knowing',
  'by-hand': 'To be checked by hand',
  success: 'In order',
  idle: 'Not there yet, nothing to do',
};

/** The style sheet. */
export const styleSheet = `
:root{color-scheme:light;--ink:#1c2430;--soft:#4a5462;--line:#d4d9e0;--page:#fff;--band:#f4f6f9;--link:#0b4a99}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--page);margin:0}
header,nav,main,footer{max-width:78rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:1.8rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.4rem 0 .7rem;padding-bottom:.3rem;border-bottom:2px solid var(--ink)}
h3{font-size:1rem;margin:0;font-weight:600;overflow-wrap:anywhere}
p{margin:.35rem 0;max-width:75ch}header p{max-width:none}a{color:var(--link)}
code,pre,.id{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:.875em}
pre{background:var(--band);border:1px solid var(--line);border-left:3px solid var(--soft);padding:.55rem .7rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
pre.copy{user-select:all}pre.long{max-height:14rem;overflow:auto}
.soft{color:var(--soft)}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}
nav ul,.counts,.plain{list-style:none;padding:0;margin:.8rem 0;display:flex;flex-wrap:wrap;gap:.4rem 1.2rem}
.verdict{display:flex;gap:1rem;align-items:center;margin:1.2rem 0;padding:1rem 1.2rem;border-radius:6px;border:2px solid currentColor}
.verdict .mark{font-size:2rem;line-height:1}.verdict strong{font-size:1.35rem;display:block;line-height:1.25}.verdict p{margin:0}
.counts li{padding:.3rem .8rem;border-radius:4px;border:1px solid currentColor}.counts b{font-size:1.15rem;margin-right:.3rem}
.error{color:#8c0f22;background:#fdecee}.unknown{color:#53308a;background:#f2ecfb}.waived{color:#0a4a66;background:#e3f2f9}
.warning{color:#634400;background:#fff4d9}.by-hand{color:#3b4350;background:#eef1f5}.success{color:#0a5227;background:#e6f5ea}.idle{color:#4a5462;background:#f7f8fa}
.finding{border:1px solid var(--line);border-left-width:6px;border-left-color:var(--soft);border-radius:4px;margin:.8rem 0;padding:.7rem 1rem;background:#fff;break-inside:avoid-page}
.finding.error{border-left-color:#8c0f22}.finding.unknown{border-left-color:#53308a}.finding.waived{border-left-color:#0a4a66}.finding.warning{border-left-color:#8a6200}
.finding.error,.finding.unknown,.finding.waived,.finding.warning,.finding.by-hand{color:var(--ink);background:#fff}
.finding ul{margin:.4rem 0;padding-left:1.2rem}.finding li{overflow-wrap:anywhere}
.badge{display:inline-block;border:1px solid currentColor;border-radius:3px;padding:0 .4rem;font-size:.8rem;font-weight:600}
.label{font-weight:600}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.3rem 0}
.wide{width:100%}.wide th,.wide td{text-align:left;vertical-align:top;padding:.4rem .7rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.wide th,.wide td{min-width:6.5em}.wide .id,.id{white-space:nowrap}.matrix caption{white-space:nowrap}
.plainhead tbody th{font-weight:400;width:55%}
.wide thead th{background:var(--band)}
.matrices{margin-inline:min(0px,calc((100% - 100vw)/2 + 2rem))}.scroll{width:fit-content;max-width:100%;overflow-x:auto;margin:.6rem 0;border:1px solid var(--line)}.scroll:focus{outline:3px solid var(--link)}
.matrix{font-size:.75rem;line-height:1.15}.matrix td{text-align:center;min-width:1.25rem;height:1.25rem;border:1px solid #fff;padding:0}
.matrix thead th{vertical-align:bottom;padding:.3rem .1rem;font-weight:400;background:#fff}
.matrix thead span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:12rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.matrix tbody th{text-align:left;font-weight:400;white-space:nowrap;padding:0 .6rem 0 .3rem;position:sticky;left:0;background:#fff}
.matrix thead th:first-child{position:sticky;left:0;z-index:1;text-align:left;padding-left:.3rem}
.e{color:#fff;background:#8c0f22;font-weight:700}.u{color:#fff;background:#53308a;font-weight:700}.m{color:#fff;background:#0a4a66;font-weight:700}
.w{color:#3d2a00;background:#ffd675;font-weight:700}.h{color:#3b4350;background:#dfe4ea}.s{color:#0a5227;background:#d4eedb}.i{color:#4a5462;background:#f1f3f6}
.legend span{padding:.1rem .5rem}
figure{margin:.5rem 0}svg{max-width:100%;height:auto}
footer{padding-bottom:2rem;margin-top:2.5rem;color:var(--soft);font-size:.875rem}
@page{margin:14mm}@page wide{size:A4 landscape;margin:8mm}
@media print{body{font-size:10.5px}.matrices{margin-inline:0}header,nav,main,footer{max-width:none;padding:0}nav,.skip{display:none}
h2{break-after:avoid-page;margin-top:1.4rem}tr{break-inside:avoid}a{color:inherit;text-decoration:none}
.matrices{page:wide}.scroll,pre.long{overflow:visible;max-height:none}.scroll{border:0}.matrix{font-size:6px}.matrix td{min-width:0;height:2mm}.matrix tbody th,.matrix thead th:first-child{position:static}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`.trim();
