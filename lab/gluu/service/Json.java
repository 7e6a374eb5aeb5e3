import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON as maps, lists, strings, longs, doubles, booleans and null; Java has nothing of its own for it. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.blanks();
    if (json.at != text.length()) throw json.wrong();
    return value;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> readObject(String text) {
    return (Map<String, Object>) read(text);
  }

  static String write(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> fields = new ArrayList<>();
      map.forEach((key, field) -> fields.add(quote(key.toString()) + ":" + write(field)));
      return "{" + String.join(",", fields) + "}";
    }
    if (value instanceof Iterable<?> list) {
      List<String> items = new ArrayList<>();
      list.forEach(item -> items.add(write(item)));
      return "[" + String.join(",", items) + "]";
    }
    return value instanceof String string ? quote(string) : String.valueOf(value);
  }

  private static String quote(String string) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char each : string.toCharArray()) {
      if (each == '"' || each == '\\') quoted.append('\\').append(each);
      else if (each < ' ') quoted.append(String.format("\\u%04x", (int) each));
      else quoted.append(each);
    }
    return quoted.append('"').toString();
  }

  private Object value() {
    blanks();
    switch (peek()) {
      case '{': return object();
      case '[': return list();
      case '"': return string();
      default: return word();
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> map = new LinkedHashMap<>();
    at++;
    while (next('}')) {
      String key = string();
      expect(':');
      map.put(key, value());
    }
    return map;
  }

  private List<Object> list() {
    List<Object> items = new ArrayList<>();
    at++;
    while (next(']')) items.add(value());
    return items;
  }

  /** Steps over a comma; false, and past the end, where the object or list ends. */
  private boolean next(char end) {
    blanks();
    if (peek() == end) {
      at++;
      return false;
    }
    if (peek() == ',') at++;
    blanks();
    return true;
  }

  private String string() {
    if (peek() != '"') throw wrong();
    StringBuilder string = new StringBuilder();
    for (at++; peek() != '"'; at++) string.append(peek() == '\\' ? escape() : peek());
    at++;
    return string.toString();
  }

  private char escape() {
    at++;
    char escaped = peek();
    if (escaped == 'u') {
      at += 4;
      return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
    }
    int index = "nrtbf".indexOf(escaped);
    return index < 0 ? escaped : "\n\r\t\b\f".charAt(index);
  }

  private Object word() {
    int start = at;
    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
    String word = text.substring(start, at);
    switch (word) {
      case "true": return true;
      case "false": return false;
      case "null": return null;
      default:
        if (word.matches("-?\\d+")) return Long.parseLong(word);
        if (word.matches("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?")) return Double.parseDouble(word);
        throw wrong();
    }
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
  }

  private void expect(char wanted) {
    blanks();
    if (peek() != wanted) throw wrong();
    at++;
  }

  private char peek() {
    if (at >= text.length()) throw wrong();
    return text.charAt(at);
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("this is no JSON at character " + at);
  }
}
