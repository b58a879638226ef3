// Texts of the figures of a page that overlap, or that reach out of their figure.  A list of sentences; empty if all is
// well.  A text's box is that of its font, so its height is taken as that of its letters.
(() => {
  const LETTERS = 0.62; // of the height of a line of text, what capitals and figures take
  const SLACK = 1.5; // pixels, for the rounding of both boxes
  const found = [];
  const boxOf = (element) => {
    const box = element.getBoundingClientRect();
    const lying = box.width >= box.height || element.textContent.trim().length < 3;
    const spare = ((1 - LETTERS) / 2) * Math.min(lying ? box.height : box.width, 40);
    return lying
      ? { left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare }
      : { left: box.left + spare, right: box.right - spare, top: box.top, bottom: box.bottom };
  };
  document.querySelectorAll("svg").forEach((svg, number) => {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) return;
    const name = `figure ${number + 1} (${svg.getAttribute("aria-label")})`;
    const texts = [...svg.querySelectorAll("text")]
      .filter((text) => text.textContent.trim() && text.getBoundingClientRect().width)
      .map((text) => ({ words: text.textContent.trim(), box: boxOf(text) }));
    for (const { words, box } of texts)
      if (box.left < frame.left - SLACK || box.right > frame.right + SLACK
          || box.top < frame.top - SLACK || box.bottom > frame.bottom + SLACK)
        found.push(`${name}: "${words}" is cut off`);
    texts.forEach((one, i) => texts.slice(i + 1).forEach((other) => {
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > SLACK && down > SLACK) found.push(`${name}: "${one.words}" and "${other.words}" overlap`);
    }));
  });
  return found;
})();
