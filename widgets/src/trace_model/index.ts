// The TraceModel is never displayed; it carries a trace's arrays over once for all widgets that show it.
export default {};
