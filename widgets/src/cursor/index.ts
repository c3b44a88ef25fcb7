// The Cursor model is never displayed; the others find it through `host.getModel` and move it in the page: lib/page/shared_cursor.
export default {};
