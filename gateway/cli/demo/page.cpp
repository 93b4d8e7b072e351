#include "cli/demo/page.hpp"

#include <initializer_list>
#include <utility>

namespace adit::cli {

namespace {

// Words in braces are replaced. Colours hold 3:1 against both grounds (WCAG 2.1 §1.4.11), and shapes differ
// too, for those who do not tell blue from green.
constexpr std::string_view page_text = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Adit demo</title>
<link rel="icon" href="data:,">
<style>
:root { --ground: #f6f7f9; --card: #fff; --ink: #1b1f27; --soft: #596273; --line: #d9dde5;
  --v1: #3b82f6; --v2: #16a34a; --bad: #dc2626; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171c; --card: #1c2027; --ink: #e9ecf1; --soft: #a3adbd; --line: #343b47; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .6rem; }
p { margin: .3rem 0; }
header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; justify-content: space-between;
  margin-bottom: 1rem; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
.parts { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) 19rem; align-items: start; }
.side { display: grid; gap: 1rem; }
@media (max-width: 50rem) { .parts { grid-template-columns: minmax(0, 1fr); } }
#grid { display: grid; grid-template-columns: repeat(20, 1fr); gap: clamp(2px, .7vw, 8px); }
#grid i { aspect-ratio: 1; border-radius: 50%; border: 1px solid var(--line); }
i.v1, i.v2, i.bad { border-color: transparent !important; }
i.v1 { background: var(--v1); }
i.v2 { background: var(--v2); border-radius: 22% !important; }
i.bad { border-radius: 0 !important; background:
  linear-gradient(45deg, transparent 40%, var(--bad) 40% 60%, transparent 60%),
  linear-gradient(-45deg, transparent 40%, var(--bad) 40% 60%, transparent 60%); }
#grid i.new { outline: 2px solid var(--ink); outline-offset: 1px; }
#bar { display: flex; height: .75rem; border-radius: .4rem; overflow: hidden; background: var(--line); margin-bottom: .8rem; }
#bar span { flex: 0 0 auto; width: 0; }
#bar .v1 { background: var(--v1); } #bar .v2 { background: var(--v2); } #bar .bad { background: var(--bad); }
@media (prefers-reduced-motion: no-preference) { #bar span { transition: width .25s; } }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; } td, th.number { text-align: right; }
td, th { padding: .3rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-weight: 400; color: var(--soft); font-size: .875rem; }
th i { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-right: .5rem; vertical-align: -.06rem; }
code { font: .875rem/1.5 ui-monospace, monospace; }
pre { margin: .6rem 0; padding: .6rem .7rem; border-radius: .5rem; background: var(--ground); border: 1px solid var(--line);
  white-space: pre-wrap; overflow-wrap: anywhere; }
.controls { display: flex; gap: .8rem; align-items: center; margin-top: 1rem; flex-wrap: wrap; }
button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem;
  padding: .25rem .9rem; cursor: pointer; min-width: 6.5rem; }
:focus-visible { outline: 3px solid var(--v1); outline-offset: 2px; }
input[type=range] { accent-color: var(--v1); width: 9rem; vertical-align: middle; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
</style>
</head>
<body>
<main>
<header>
<h1>Adit demo</h1>
<p class="soft">This page came from <strong>{version}</strong>; a reload draws again.</p>
</header>
<div class="parts">
<section class="card" aria-labelledby="answers">
<h2 id="answers">Every mark is one answer of <code>/color</code></h2>
<div id="grid" role="img" aria-label="No answers yet"></div>
<div class="controls">
<button id="pause" type="button">Pause</button>
<label>Speed <input id="speed" type="range" min="1" max="40" value="10"> <span id="pace">10</span> a second</label>
</div>
<noscript><p>The marks need JavaScript; <code>curl -i /color</code> shows the same.</p></noscript>
</section>
<div class="side">
<section class="card" aria-labelledby="shares">
<h2 id="shares">The last <span id="total">0</span> answers</h2>
<div id="bar" aria-hidden="true"><span class="v1"></span><span class="v2"></span><span class="bad"></span></div>
<table>
<thead><tr><th scope="col">Version</th><th scope="col" class="number">Answers</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>
<tr><th scope="row"><i class="v1"></i>v1, stable</th><td id="n-v1">0</td><td id="s-v1">–</td></tr>
<tr><th scope="row"><i class="v2"></i>v2, canary</th><td id="n-v2">0</td><td id="s-v2">–</td></tr>
<tr><th scope="row"><i class="bad"></i>errors</th><td id="n-bad">0</td><td id="s-bad">–</td></tr>
</tbody>
</table>
<p id="said" class="unseen" role="status"></p>
</section>
<section class="card" aria-labelledby="change">
<h2 id="change">Change the weight</h2>
<p>Type this in a shell and watch the marks:</p>
<pre><code>{weight_command}</code></pre>
<p class="soft">The new weight counts from the next request on; no connection is closed for it.</p>
</section>
</div>
</div>
</main>
<script>
'use strict';
(() => {
  const KEPT = 200, WAIT = 5000, AT_ONCE = 6, KINDS = ['v1', 'v2', 'bad'];
  const at = id => document.getElementById(id);
  const grid = at('grid'), cells = [], kept = [];
  for (let i = 0; i < KEPT; i++) cells.push(grid.appendChild(document.createElement('i')));
  let next = 0, under_way = 0, paused = false, newest = null;

  function keep(kind, color) {
    kept[next] = kind;
    if (newest) newest.classList.remove('new');
    newest = cells[next];
    newest.className = kind + ' new';
    newest.style.background = kind === 'bad' ? '' : color;
    next = (next + 1) % KEPT;
    count();
  }

  function percent(n) { return kept.length ? (100 * n / kept.length).toFixed(1) + ' %' : '–'; }

  function count() {
    at('total').textContent = kept.length;
    for (const kind of KINDS) {
      const n = kept.filter(one => one === kind).length;
      at('n-' + kind).textContent = n;
      at('s-' + kind).textContent = percent(n);
      document.querySelector('#bar .' + kind).style.width = 100 * n / kept.length + '%';
    }
  }

  async function ask() {
    if (under_way >= AT_ONCE) return;
    under_way++;
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), WAIT);
    try {
      const answer = await fetch('/color', {cache: 'no-store', signal: stop.signal});
      const told = answer.ok ? await answer.json() : {};
      const known = told.version === 'v1' || told.version === 'v2';
      keep(known ? told.version : 'bad', told.color);
    } catch {
      keep('bad');
    } finally {
      clearTimeout(timer);
      under_way--;
    }
  }

  function tell() {
    if (!kept.length) return;
    const text = KINDS.map(kind => (kind === 'bad' ? 'errors' : kind) + ' ' + at('s-' + kind).textContent).join(', ');
    grid.setAttribute('aria-label', 'The last ' + kept.length + ' answers: ' + text);
    if (!paused) at('said').textContent = text;
  }

  function beat() {
    if (!paused && !document.hidden) ask();
    setTimeout(beat, 1000 / at('speed').value);
  }

  at('pause').onclick = () => {
    paused = !paused;
    at('pause').textContent = paused ? 'Go on' : 'Pause';
  };
  at('speed').oninput = () => { at('pace').textContent = at('speed').value; };
  setInterval(tell, 10000);
  beat();
})();
</script>
</body>
</html>
)html";

// Values are not looked at again: what stands in braces in them stays.
std::string
filled(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string>> values) {
    std::string out;
    while (!text.empty()) {
        auto cut = text.find('{');
        out += text.substr(0, cut);
        if (cut == text.npos) break;
        text.remove_prefix(cut);
        std::string_view taken = text.substr(0, 1);
        std::string_view put = taken;
        for (const auto& [name, value] : values)
            if (text.starts_with(name)) taken = name, put = value;
        out += put;
        text.remove_prefix(taken.size());
    }
    return out;
}

} // namespace

const std::string_view page_policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

std::string write_page(const demo_page& facts) {
    return filled(
        page_text,
        {{"{version}", escape_html(facts.version)}, {"{weight_command}", escape_html(facts.weight_command)}}
    );
}

} // namespace adit::cli
