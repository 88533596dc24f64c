// Runs inside the browser, in a copy of the page: what a reader, a screen reader and a strict network see.
// The answer is left in the document, from where the test reads it.

const problems = [];
const say = (what, where) => problems.push(`${what}: ${where}`.slice(0, 200));
const nameOf = (element) =>
  `${element.tagName.toLowerCase()}${element.className ? `.${element.className}` : ''} "${element.textContent.trim().slice(0, 40)}"`;

function luminance([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const channels = (color) => (color.match(/[\d.]+/gu) ?? []).map(Number);

/** The first background that is not transparent, from the element up to the page. */
function backgroundOf(element) {
  for (let at = element; at !== null; at = at.parentElement) {
    const color = channels(getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
    if (color.length === 4 && color[3] > 0) say('a half transparent background', nameOf(at));
  }
  return [255, 255, 255];
}

function checkContrast() {
  let lowest = 21;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const isText = walker.currentNode.data.trim() !== '';
    if (!isText || seen.has(element) || element.closest('script,style') !== null) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const isDrawn = element.closest('svg') !== null;
    if (isDrawn && element.tagName !== 'text') continue;
    const text = luminance(channels(isDrawn ? style.fill : style.color));
    const behind = luminance(isDrawn ? boxBehind(element) : backgroundOf(element));
    const ratio = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
    lowest = Math.min(lowest, ratio);
    if (ratio < 4.5) say(`contrast ${ratio.toFixed(2)}`, nameOf(element));
  }
  return { lowest, texts: seen.size };
}

/** The fill of the last rectangle drawn before a text that contains its place. */
function boxBehind(text) {
  const place = text.getBoundingClientRect();
  let color = [255, 255, 255];
  for (const rectangle of text.ownerSVGElement.querySelectorAll('rect')) {
    const box = rectangle.getBoundingClientRect();
    const isBehind =
      box.left <= place.left &&
      box.right >= place.right &&
      box.top <= place.top &&
      box.bottom >= place.bottom;
    if (isBehind && rectangle.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)
      color = channels(getComputedStyle(rectangle).fill);
  }
  return color;
}

function checkStructure() {
  const one = (selector) => {
    const { length } = document.querySelectorAll(selector);
    if (length !== 1) say(`${length} instead of one`, selector);
  };
  for (const selector of ['h1', 'main', 'body > header', 'body > footer', 'nav[aria-label]'])
    one(selector);
  if (document.documentElement.lang === '') say('no language', 'html');
  if (document.title === '') say('no title', 'head');
  let level = 0;
  for (const heading of document.querySelectorAll('h1,h2,h3,h4')) {
    const next = Number(heading.tagName.slice(1));
    if (next > level + 1) say(`h${level} is followed by h${next}`, nameOf(heading));
    if (heading.textContent.trim() === '') say('an empty heading', nameOf(heading));
    level = next;
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) say('an id is used twice', id);
  for (const section of document.querySelectorAll('[aria-labelledby]')) {
    for (const id of section.getAttribute('aria-labelledby').split(' ')) {
      if (document.getElementById(id) === null) say('a label that is not there', id);
    }
  }
  for (const link of document.querySelectorAll('a')) {
    if (link.textContent.trim() === '') say('a link without text', link.href);
    const target = link.getAttribute('href');
    if (
      target.startsWith('#') &&
      document.getElementById(decodeURIComponent(target.slice(1))) === null
    )
      say('a link to nowhere', target);
    else if (!target.startsWith('#') && !target.startsWith('https://'))
      say('a strange link', target);
  }
  for (const region of document.querySelectorAll('[role=region]')) {
    if (!region.hasAttribute('aria-labelledby')) say('a region without a name', nameOf(region));
  }
  for (const picture of document.querySelectorAll('svg,img')) {
    if (picture.tagName === 'IMG') say('an image', picture.outerHTML);
    else if (picture.querySelector('title') === null || picture.getAttribute('role') !== 'img')
      say('a picture without a name', nameOf(picture));
  }
}

function checkTables() {
  for (const table of document.querySelectorAll('table')) {
    if (table.querySelector('thead') === null) say('a table without a head', nameOf(table));
    const columns = table.querySelectorAll('thead th').length;
    for (const row of table.tBodies[0].rows) {
      if (row.cells.length !== columns) say(`${row.cells.length} cells of ${columns}`, nameOf(row));
      if (row.querySelector('th') === null) say('a row without a head', nameOf(row));
    }
  }
  for (const head of document.querySelectorAll('th')) {
    if (!head.hasAttribute('scope')) say('a head without scope', nameOf(head));
  }
}

/** What a colour says is said by a mark or a word as well. */
function checkMarks() {
  const cells = document.querySelectorAll('.matrix td[class]');
  const marks = new Map();
  for (const cell of cells) {
    const mark = cell.textContent.trim();
    if (mark === '') say('a coloured cell without a mark', cell.className);
    const known = marks.get(cell.className) ?? mark;
    if (known !== mark) say('one colour with two marks', `${known} ${mark}`);
    marks.set(cell.className, known);
  }
  if (new Set(marks.values()).size !== marks.size)
    say('one mark for two colours', [...marks].join());
  return cells.length;
}

function checkOverflow() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    for (const element of document.querySelectorAll('main *')) {
      if (
        element.closest('.scroll') === null &&
        element.getBoundingClientRect().right > width + 1
      ) {
        say('wider than the page', nameOf(element));
        break;
      }
    }
  }
}

window.addEventListener('load', () => {
  checkStructure();
  checkTables();
  const cells = checkMarks();
  const contrast = checkContrast();
  checkOverflow();
  const report = {
    problems,
    cells,
    ...contrast,
    scripts: document.querySelectorAll('script:not([data-check])').length,
    requests: performance.getEntriesByType('resource').map(({ name }) => name),
    openedMs: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
    text: document.body.innerText,
    alerted: window.alerted ?? null,
  };
  const place = document.createElement('i');
  place.id = 'report';
  place.textContent = encodeURIComponent(JSON.stringify(report));
  document.body.append(place);
});
