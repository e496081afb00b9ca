// What a browser's test measures on the page; each function returns a list of what is wrong.

window.measure = {
  /** Text whose contrast to what is behind it is below WCAG AA, and lines of controls below 3:1. */
  contrast() {
    const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n[3] ?? 1 }; };
    const luminance = rgb => {
      const [r, g, b] = rgb.map(v => v / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
    const ground = node => {
      for (let at = node; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour.alpha === 1) return colour.rgb;
        if (colour.alpha !== 0) throw new Error('a half transparent ground');
      }
      throw new Error('no ground');
    };
    const wrong = [];
    let measured = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const node = text.parentElement;
      if (!text.data.trim() || !node.checkVisibility() || node.closest('noscript')) continue;
      const style = getComputedStyle(node);
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      const is = ratio(parse(style.color).rgb, ground(node));
      measured += 1;
      if (is < needed) wrong.push(`${is.toFixed(2)} ${node.tagName}.${node.className} ${text.data.trim().slice(0, 40)}`);
    }
    for (const node of document.querySelectorAll('button, input[type=text], input[type=password], .link .line, .host.self')) {
      if (!node.checkVisibility() || node.getAttribute('aria-disabled') === 'true') continue;
      const is = ratio(parse(getComputedStyle(node).borderTopColor).rgb, ground(node.parentElement));
      measured += 1;
      if (is < 3) wrong.push(`${is.toFixed(2)} line of ${node.tagName}.${node.className}`);
    }
    for (const node of document.querySelectorAll('svg.icon')) {
      if (!node.checkVisibility()) continue;
      const is = ratio(parse(getComputedStyle(node).stroke).rgb, ground(node.parentElement));
      measured += 1;
      if (is < 3) wrong.push(`${is.toFixed(2)} icon in ${node.parentElement.className}`);
    }
    return { wrong, measured };
  },

  /** What is wider than the window, and text whose end is hidden at the right of its box. */
  overflow() {
    const width = document.documentElement.clientWidth;
    const wrong = document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`] : [];
    for (const node of document.body.querySelectorAll('*')) {
      const box = node.getBoundingClientRect();
      if (box.width > 1 && box.right > width + 1 && !node.closest('thead') && node.checkVisibility()) {
        wrong.push(`${node.tagName}.${node.className} reaches ${Math.round(box.right)}`);
      }
      if (node.matches('.text, .diff, .diff > span, #said, dialog') && node.checkVisibility() && node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1) {
        wrong.push(`${node.tagName}.${node.className} is ${node.scrollWidth} wide in ${node.clientWidth}`);
      }
    }
    return wrong;
  },

  /** Headings that skip a level, ids that are not unique, references to ids that are not there. */
  structure() {
    const wrong = [];
    let level = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
      if (!heading.checkVisibility()) continue;
      const now = Number(heading.tagName[1]);
      if (now > level + 1) wrong.push(`h${now} after h${level}: ${heading.textContent}`);
      level = now;
    }
    if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
    const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
    wrong.push(...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `two of #${id}`));
    for (const name of ['aria-labelledby', 'aria-describedby', 'for']) {
      for (const node of document.querySelectorAll(`[${name}]`)) {
        for (const id of node.getAttribute(name).split(' ')) if (!document.getElementById(id)) wrong.push(`${name} of nothing: ${id}`);
      }
    }
    for (const link of document.querySelectorAll('a[href^="#"]')) if (!document.querySelector(link.getAttribute('href'))) wrong.push(`a link to nothing: ${link.href}`);
    return wrong;
  },

  /** Badges, marks and signs that say something by their colour only. */
  colourOnly() {
    return [...document.querySelectorAll('.badge, .mark, .link, .notice')].filter(each => each.checkVisibility() && !each.textContent.trim())
      .concat([...document.querySelectorAll('.sign')].filter(each => !each.querySelector('svg'))).map(each => each.outerHTML);
  },

  /** What is focused, and whether one sees it. */
  focus() {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    const name = node.id || node.getAttribute('aria-label') || node.textContent.trim().slice(0, 40);
    return { tag: node.tagName, name, outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
  },

  /** Counts what changes in the document, but for times that go on. */
  watch() {
    window.changed = [];
    new MutationObserver(all => {
      for (const each of all) {
        const node = each.target.nodeType === 1 ? each.target : each.target.parentElement;
        if (!node?.closest('time, #fresh')) window.changed.push(`${each.type} ${node?.tagName}.${node?.className}#${node?.id}`);
      }
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  },
};
