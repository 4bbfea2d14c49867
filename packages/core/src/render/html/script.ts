/**
 * Convenience only: the language that is shown is chosen by radio buttons and style alone, and
 * details open without it. It keeps the document's language in step, opens what a link points
 * to, opens everything for print, says where a table goes on sideways, makes the buttons that open or close all, and
 * lists only what a field for finding asks for.
 */
export const PAGE_SCRIPT = `(() => {
  const root = document.documentElement
  const radios = [...document.querySelectorAll('input[name="language"]')]
  const sync = () => {
    const chosen = radios.find((radio) => radio.checked)
    if (chosen) root.lang = chosen.value
  }
  for (const radio of radios) radio.addEventListener('change', sync)
  sync()
  for (const button of document.querySelectorAll('button[data-details]')) {
    button.hidden = false
    button.addEventListener('click', () => {
      const open = button.dataset.details === 'open'
      for (const part of button.closest('.report').querySelectorAll('details.component')) part.open = open
    })
  }
  for (const field of document.querySelectorAll('input[data-filter]')) {
    const box = field.closest('[data-filtered]')
    const items = [...box.querySelectorAll('li')]
    field.parentElement.hidden = false
    field.addEventListener('input', () => {
      const wanted = field.value.trim().toLowerCase()
      for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted)
      box.querySelector('[data-none]').hidden = items.some((item) => !item.hidden)
    })
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    const report = target && target.closest('.report')
    if (!report) return
    for (const radio of radios) if (radio.value === report.lang) radio.checked = true
    sync()
    for (let part = target; part; part = part.parentElement) if (part.localName === 'details') part.open = true
    target.scrollIntoView()
  }
  addEventListener('hashchange', reveal)
  reveal()
  const mark = (boxes) => {
    for (const box of boxes) box.toggleAttribute('data-wide', box.scrollWidth > box.clientWidth + 1)
  }
  // In the next frame: a hint that appears while sizes are being told would be told again.
  const watch = new ResizeObserver((seen) => requestAnimationFrame(() => mark(seen.map(({ target }) => target))))
  for (const box of document.querySelectorAll('.scroll')) watch.observe(box)
  let closed = []
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')]
    for (const part of closed) part.open = true
  })
  addEventListener('afterprint', () => {
    for (const part of closed) part.open = false
  })
})()
`
