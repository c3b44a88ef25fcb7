// @vitest-environment jsdom
import { expect, test } from "vitest";
import { plain, rich } from "../../../src/lib/words/rich";

function html(text: string): string {
  const host = document.createElement("div");
  host.append(...rich(text));
  return host.innerHTML;
}

test("a few tags, code and MathML come through", () => {
  expect(html("<b>W</b><sub>x</sub> · `x < y & z`")).toBe(
    "<b>W</b><sub>x</sub> · <code>x &lt; y &amp; z</code>",
  );
  expect(html("<math><msub><mi>h</mi><mi>t</mi></msub></math>")).toContain("<msub><mi>h</mi>");
  expect(plain("<i>w</i><sub>y</sub> is 1")).toBe("wy is 1");
});

test("nothing else does", () => {
  expect(html("a < b")).toBe("a &lt; b");
  expect(html("<a href='javascript:alert(1)' onclick='x'>words</a>")).toBe("words");
  expect(html("<b onclick='x' style='color:red'>words</b>")).toBe("<b>words</b>");
  expect(html("<script>alert(1)</script><img src=x onerror=alert(1)>left")).toBe("left");
  expect(html("<math><annotation-xml><b>x</b></annotation-xml><mi>y</mi></math>")).not.toContain(
    "annotation",
  );
});
