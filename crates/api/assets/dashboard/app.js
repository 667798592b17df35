// What HTML cannot do; everything works without it but progress and live figures.
const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)]
const root = document.documentElement.dataset
const kept = (k, v) => { try { return v == null ? localStorage[k] : localStorage[k] = v } catch { } }
const add = (tag, props, to) => { const n = Object.assign(document.createElement(tag), props); to.append(n); return n }
const parse = (text) => new DOMParser().parseFromString(text, 'text/html')

// The parts of the page as the server wrote them, without the times they say.
const told = (main) => [...main?.children ?? []].map((n) => n.outerHTML.replace(/<time data-now="">[^<]*/g, ''))
let known = told($('main')), tag

// Without a script these would do nothing.
const reveal = (e) => { for (const n of $$('[data-script]', e)) n.hidden = false }
reveal(document)

// The frame's clock goes on by itself.
const face = $('.now')
let ahead = face?.dataset.at * 1e3 - Date.now()
const clock = (timeStyle) => new Date(Date.now() + ahead).toLocaleTimeString('en-GB', { timeZone: root.zone, timeStyle })
const tick = () => {
  const at = Date.now() + ahead, quarter = at / 9e5 % 4 | 0, [time, left] = $$('time', face)
  $('b', face).textContent = 'Quarter ' + (quarter + 1)
  $('path', face).setAttribute('transform', `rotate(${quarter * 90} 14 14)`)
  time.textContent = time.textContent.replace(/^\S+/, clock('short'))
  left.textContent = Math.ceil(15 - at / 6e4 % 15)
}
if (face) setInterval(tick, 1e3)

// The server shows moments in the browser's zone, once it knows which one that is.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
if ('asksZone' in root && zone && root.zone != zone) {
  document.cookie = `bams_zone=${zone}; path=/; max-age=31536000; samesite=lax`
}

// Without a chosen theme only the browser knows which one it shows.
for (const b of $$('[data-light]')) {
  const theme = root.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  b.value = theme == 'dark' ? 'light' : 'dark'
}

// A message goes after 8 s, unless it has the pointer or the focus.
const leave = (t) => setTimeout(() => t.matches(':hover, :focus-within') ? leave(t) : t.remove(), 8e3)
const toast = (text) => {
  $('.toast')?.remove()
  const t = add('div', { className: 'toast', role: 'status' }, document.body)
  setTimeout(() => t.textContent = text, 50)
  leave(t)
}
for (const t of $$('.toast')) leave(t)
const clean = new URL(location)
if (clean.searchParams.has('undo')) {
  clean.searchParams.delete('undo')
  history.replaceState(null, '', clean)
}

// The cursor of a chart is a range input that reads the table, for keyboard and screen readers, too.
const cursor = () => {
  const svg = $('.lines > svg')
  if (!svg || !$('.data') || $('.scrub')) return
  const { rows } = $('.data').tBodies[0], max = rows.length - 1, high = svg.getAttribute('height') - 36
  if (max < 1) return
  const points = $('.plot :last-child', svg).getAttribute('d').slice(1).split(' ')
  const put = (tag, cls, at) => {
    const n = document.createElementNS(svg.namespaceURI, tag)
    for (const a in at) n.setAttribute(a, at[a])
    n.setAttribute('class', cls); svg.append(n)
  }
  const r = add('input', { type: 'range', className: 'scrub', max, value: max, ariaLabel: $('.data thead th').textContent }, $('.lines'))
  r.oninput = r.onfocus = () => {
    const [day, now, before] = [...rows[r.value].cells].map((c) => c.textContent), x = 90.5 * r.value / max + '%'
    for (const n of $$('.hr, .at')) n.remove()
    put('line', 'hr', { x1: x, x2: x, y1: 14, y2: 14 + high })
    put('circle', 'pt at', { cx: x, cy: 14 + points[r.value * 2 + 1] / 100 * high, r: 4 })
    $('.read').textContent = r.ariaValueText = `${day}: ${now}, before ${before}`
  }
  r.onpointermove = (e) => { r.value = Math.round(e.offsetX / r.clientWidth * max); r.oninput() }
}

// On a phone rows are cards, which costs some browsers the table.
const names = { TABLE: 'table', THEAD: 'rowgroup', TBODY: 'rowgroup', TFOOT: 'rowgroup', TR: 'row', TD: 'cell' }
const roles = () => {
  for (const e of $$('.cards, .cards *')) {
    const role = names[e.tagName] || { col: 'columnheader', row: 'rowheader', rowgroup: 'rowheader' }[e.scope]
    if (role) e.role = role
  }
}
const draw = () => { reveal(document); roles(); cursor() }
draw()

// A card is a link to this page with another chart; only what differs is exchanged.
const show = async (card) => {
  try {
    const d = parse(await (await fetch(card.href)).text())
    for (const s of ['.strip', '[data-chart]']) $(s).replaceWith($(s, d))
    history.replaceState(null, '', card.href)
    known = [], tag = 0
    $('.strip [aria-current]').focus()
    draw()
  } catch { location = card.href }
}

// A question that a page asks is asked in a dialog. The harmless answer comes first.
const ask = async (link) => {
  try {
    const d = parse(await (await fetch(link.href)).text()), asked = $('[data-confirm]', d)
    const box = add('dialog', { ariaLabel: $('h1', d).textContent }, document.body)
    add('h2', { textContent: $('h1', d).textContent }, box)
    box.append(...asked.children)
    box.className = 'stack'
    const keep = $('a.btn', box)
    keep.onclick = (e) => { e.preventDefault(); box.close() }
    box.onclose = () => { box.remove(); link.focus() }
    box.showModal()
    keep.focus()
  } catch { location = link.href }
}

addEventListener('click', async (e) => {
  const [copy, card, question] = ['copy', 'metric', 'ask'].map((n) => e.target.closest?.(`[data-${n}]`))
  const plain = !e.ctrlKey && !e.metaKey && !e.shiftKey && !e.button
  if (card && plain) { e.preventDefault(); show(card) }
  if (question && plain) { e.preventDefault(); ask(question) }
  if (copy) {
    const from = $('#' + copy.dataset.copy)
    try { await navigator.clipboard.writeText(from.textContent); toast('Copied') }
    catch { getSelection().selectAllChildren(from); toast('Selected: copy it with your keyboard') }
  }
})
for (const r of $$('[data-reveal]')) r.onchange = () => $('#' + r.dataset.reveal).type = r.checked ? 'text' : 'password'
$('[data-summary]')?.focus({ preventScroll: true })

// Figures renew themselves: parts that differ are exchanged. What is open, scrolled, focused or begun stays so, and
// nothing changes under somebody who types, or while the page is not seen.
const begun = (n) => n.files ? n.files.length : n.options ? n.selectedIndex != Math.max(0, [...n.options].findIndex((o) => o.defaultSelected))
  : /check|radio/.test(n.type) ? n.checked != n.defaultChecked : n.value != n.defaultValue
const isBegun = (e) => $$('input:not(.scrub), select, textarea', e).some(begun)
const stops = (e) => $$('a, button, summary, input, select, [tabindex]', e)
// Exchanges a part, and returns what puts the focus back once it is drawn.
const exchange = (part, other) => {
  if (isBegun(part)) return part.matches('form') ? [] : [...part.children].flatMap((c, k) => other.children[k] ? exchange(c, other.children[k]) : [])
  for (const [s, keys] of [['details', ['open']], ['.scroll', ['scrollLeft', 'scrollTop']]]) {
    const was = $$(s, part).map((n) => keys.map((k) => n[k]))
    requestAnimationFrame(() => $$(s, other).forEach((n, k) => keys.forEach((key, j) => { if (was[k]) n[key] = was[k][j] })))
  }
  const focus = document.activeElement, at = stops(part).indexOf(focus), value = focus.value
  part.replaceWith(other)
  return at < 0 ? [] : [() => {
    const n = stops(other)[at]
    if (n?.matches('.scrub')) n.value = value
    n?.focus({ preventScroll: true })
  }]
}
const away = (since, what) => {
  if ($('#away')) return
  $('main').prepend($('template').content.cloneNode(true))
  $('#away b').textContent = `Showing data of ${since}: the ${what} cannot be reached`
  $('#away p').hidden = what == 'server'
  $('.foot>a').hidden = true
}
const count = () => { for (const n of $$('time[data-now]')) n.textContent = clock('medium') }
const renew = async () => {
  const main = $('main')
  if (document.hidden || $('dialog[open]') || main.contains($(':is(input, select, textarea):focus:not(.scrub)'))) return
  const since = $('time[data-now]', main)?.textContent ?? ''
  let answer
  try { answer = await fetch(location, { headers: { 'If-None-Match': tag } }) } catch { return away(since, 'server') }
  if (answer.redirected) return location.reload()
  if (answer.status >= 500) return away(since, 'database')
  $('#away')?.remove()
  $('.foot>a').hidden = false
  if (answer.status == 304) count()
  if (answer.status != 200) return
  const page = parse(await answer.text()), next = $('main', page)
  if (!next) return
  ahead = $('.now', page).dataset.at * 1e3 - Date.now()
  $('.foot > a').replaceChildren(...$('.foot > a', page).childNodes)
  const parts = [...main.children], others = [...next.children], fresh = told(next)
  if (parts.length != others.length && isBegun(main)) return
  let focus = []
  if (parts.length != others.length) main.replaceChildren(...others)
  else focus = parts.flatMap((part, i) => known[i] != fresh[i] ? exchange(part, others[i]) : [])
  known = fresh
  tag = answer.headers.get('etag')
  if (next.dataset.live == null) delete main.dataset.live
  draw()
  count()
  for (const back of focus) back()
}
const beat = async () => {
  const live = $('main')?.dataset.live
  if (live != null) await renew()
  setTimeout(beat, live == '1' ? 1e3 : 1e4)
}
setTimeout(beat, $('main')?.dataset.live == '1' ? 500 : 1e4)
document.onvisibilitychange = () => { if ($('main')?.dataset.live != null) renew() }

// The drop zone is the file input itself; this only lights it up.
for (const z of $$('.drop input')) z.ondragover = z.ondragleave = z.ondrop = (e) => { z.classList.toggle('over', e.type == 'dragover') }

// Files are looked at before they are sent, and their way is seen.
for (const form of $$('[data-upload]')) form.onsubmit = async (e) => {
  e.preventDefault()
  const { files, dataset } = $('[type=file]', form), bar = $('progress', form), button = $('.primary', form)
  const stop = (text) => {
    const p = $('.err', form) ?? add('p', { className: 'err s', role: 'alert' }, $('.drop', form))
    p.textContent = text
    bar.hidden = true
    button.disabled = false
  }
  button.disabled = true
  for (const f of files) {
    if (!f.size) return stop(`${f.name} is empty`)
    if (f.size > dataset.most) return stop(`${f.name} is too large`)
    if (await f.slice(0, 2).text() == 'PK') return stop(`${f.name} is a spreadsheet or an archive: save it as CSV`)
  }
  const request = new XMLHttpRequest()
  bar.hidden = false
  request.upload.onprogress = (p) => { bar.max = p.total; bar.value = p.loaded }
  request.onerror = () => stop('The upload was cut off: try again')
  request.onload = () => {
    if (request.status < 300) return location = request.responseURL
    const next = $('main', parse(request.responseText))
    if (!next) return request.onerror()
    $('main').replaceWith(next)
    draw()
    $('[data-summary], [role=alert]', next)?.focus()
  }
  request.open('POST', form.action)
  request.send(new FormData(form))
}

// Single keys can be switched off (WCAG 2.1.4) and do nothing while somebody types.
const on = $('#keys-on')
let g = 0
if (on) {
  on.checked = kept('keys') != 'off'; on.onchange = () => kept('keys', on.checked ? 'on' : 'off')
  addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !on.checked || e.target.closest('.in, dialog')) return
    const to = Date.now() - g < 1500 && $(`.nav [data-key="${CSS.escape(e.key)}"]`)
    if (to) location = to.href
    g = e.key == 'g' ? Date.now() : 0
    if (e.key == '?') $('#keys').togglePopover()
    if (e.key == '/') { const f = $('[role=search] .in'); if (f) { e.preventDefault(); f.select() } }
    const rows = $$('tbody th a'), step = { j: 1, k: -1 }[e.key]
    if (step) rows.at(Math.min(rows.length - 1, Math.max(0, rows.indexOf(document.activeElement) + step)))?.focus()
  })
}
