// Makes token-counts.json: npm i js-tiktoken@1.0.21 tiktoken@1.0.22 && node make-token-counts.mjs
// Texts and how many tokens the vendor's own counter (tiktoken, MIT) and the one in JavaScript (js-tiktoken, MIT) both find.
import { writeFileSync } from 'node:fs';
import { getEncoding } from 'js-tiktoken';
import { get_encoding } from 'tiktoken';

const texts = [
  '', ' ', 'a', 'Hello', 'Hello, world!', " I'll we're THEY'VE it's Don't 'tis o'clock rock'n'roll 'S 'LL'D",
  'The quick brown fox jumps over the lazy dog. 0123456789 3.14159 1,000,000 2026-11-21T19:00:00Z',
  '   leading', 'trailing   ', 'a  b   c    d', 'tab\tand\t\ttabs', 'line\nline\r\nline\n\n\nline', '\n', '\r\n\r\n', ' \n \n ', '\t \n\t',
  '    def f(x):\n        return x  # comment\n\n\n    pass\n', 'if (a&&b||!c) { return x[i++] ?? "y"; } // done\n',
  'https://example.com/a/b/c?d=e&f=%20#g', '/usr/local/bin//x/\n/y', '<div class="x">\n  <p>Text</p>\n</div>', '{"a":[1,2,{"b":null}],"c":"\\u00e9"}',
  'HTTPServerError XMLHttpRequest camelCaseName snake_case_name SCREAMING_CASE kebab-case', 'ABCdefGHI', 'ÀÉÎõü Straße ŁÓDŹ ǅ ǆ',
  'Привет, мир! Как дела?', 'Ελληνικά Γειά σου Κόσμε', 'مرحبا بالعالم ١٢٣', 'שלום עולם', 'नमस्ते दुनिया', 'สวัสดีชาวโลก', 'こんにちは世界。テキスト', '你好，世界！中文字符', '안녕하세요 세계',
  '𠀀𠀁𪜀 𝐀𝐁𝐜 𝔘𝔫𝔦', '😀😃👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️', '①②③½ ٣٤٥٦ Ⅳ ²³', 'a\u0301e\u0301 C\u0301 \u0301x \u0301\u0301 A\u0301B', 'x\u00a0y\u2003z\u3000w\u2028v', 'a\u200bb\u200dc',
  '<|endoftext|> and <|im_start|>', '!!!???...---___***###', '$%^&*()+=~`|\\', '“quotes” ‘single’ — dash … ellipsis', '\ud800 lone \udc00x', '\u0000\u0001\u001f\u007f',
  'a'.repeat(1000), 'ab'.repeat(500), ' '.repeat(1000), '\n'.repeat(300), 'é'.repeat(300), '世'.repeat(300), '1'.repeat(1000), '!'.repeat(500), 'A'.repeat(500) + 'a', '\u0301'.repeat(99) + 'A'.repeat(99),
  'the '.repeat(200), '🙂'.repeat(100), 'xyz '.repeat(100) + '\n'.repeat(10), 'Zz'.repeat(200), 'A\u0301'.repeat(50), "'s".repeat(50), ' \n'.repeat(50), '/\n'.repeat(50),
];
// Mixtures by a small generator of our own, so that everybody gets the same.
const pool = ['a', 'B', 'é', 'Ü', '中', 'の', ' ', ' ', '  ', '\n', '\r\n', '\t', '1', '23', '٣', '.', ',', "'s", "'LL", '/', '-', '_', '😀', '\u0301', '\u00a0', 'the', 'ing', 'IO', 'ǅ', 'ʰ', 'ª', '½'];
let state = 12345;
const next = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % 65536 % n;
for (let i = 0; i < 400; i++) {
  let text = '';
  for (let length = 1 + next(40); length > 0; length--) text += pool[next(pool.length)];
  texts.push(text);
}

const counts = [];
for (const name of ['o200k_base', 'cl100k_base']) {
  const [vendor, script] = [get_encoding(name), getEncoding(name)];
  texts.forEach((text, index) => {
    const [one, other] = [vendor.encode_ordinary(text).length, script.encode(text, [], []).length];
    if (one !== other) throw new Error(`${name} disagree about ${JSON.stringify(text)}: ${one}, ${other}`);
    counts[index] ??= { text: text.toWellFormed() };
    counts[index][name] = one;
  });
}
// Half a surrogate pair counts as the sign for what cannot be read; letters beyond ASCII are escaped.
const json = '[\n' + counts.map((one) => JSON.stringify(one)).join(',\n') + '\n]\n';
writeFileSync(new URL('token-counts.json', import.meta.url), json.replace(/[\u007f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')));
console.log(counts.length, 'texts');
