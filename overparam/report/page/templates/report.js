// Sorts and filters the table of verdicts.  The page is whole without it.
(function () {
  "use strict";
  var table = document.getElementById("verdicts");
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows), heads = table.tHead.rows[0].cells;
  var words = document.getElementById("filter"), verdict = document.getElementById("verdict");
  var shown = document.getElementById("shown");
  var texts = rows.map(function (row) {
    var claim = document.getElementById(row.querySelector("a").getAttribute("href").slice(1));
    return (row.textContent + " " + (claim ? claim.querySelector(".says").textContent : "")).toLowerCase();
  });

  function filter() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), count = 0;
    rows.forEach(function (row, i) {
      var kept = (!verdict.value || row.dataset.verdict === verdict.value) &&
        wanted.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !kept;
      count += kept ? 1 : 0;
    });
    shown.textContent = count + " of " + rows.length + " claims";
  }

  function key(row, column, numbers) {
    var cell = row.cells[column], text = cell.dataset.key === undefined ? cell.textContent.trim() : cell.dataset.key;
    return numbers ? (text === "" ? NaN : Number(text)) : text.toLowerCase();
  }

  function sort(column) {
    var head = heads[column], down = head.getAttribute("aria-sort") === "ascending";
    var numbers = head.dataset.sort === "number";
    var keyed = rows.map(function (row, i) { return { row: row, at: i, key: key(row, column, numbers) }; });
    keyed.sort(function (a, b) {
      if (numbers && (isNaN(a.key) || isNaN(b.key))) return isNaN(a.key) - isNaN(b.key) || a.at - b.at;  // without a number: last
      var order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
      return (down ? -order : order) || a.at - b.at;
    });
    keyed.forEach(function (one) { body.appendChild(one.row); });
    for (var i = 0; i < heads.length; i++) heads[i].removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  Array.prototype.forEach.call(heads, function (head, column) {
    head.querySelector("button").disabled = false;
    head.addEventListener("click", function () { sort(column); });
  });
  words.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  document.getElementById("controls").hidden = false;
  filter();
})();
