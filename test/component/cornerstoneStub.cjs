// Stands for @cornerstonejs/core under jsdom, where it cannot run: the managers of @ohif/core only
// reach into it at run time, for things that these tests do not touch.
const anything = new Proxy(function () {}, {
  get: (target, key) => {
    if (key === '__esModule') return true;
    if (key === Symbol.toPrimitive) return () => 0;
    if (key === 'prototype') return target.prototype;
    return anything;
  },
  apply: () => anything,
  construct: () => anything,
});

module.exports = anything;
