import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** One request and its answer, as the services want to see it. */
final class Exchange {
  record Basic(String name, String password) {}

  private final HttpExchange http;
  /** What query and form say together. */
  final Map<String, String> parameters = new LinkedHashMap<>();

  Exchange(HttpExchange http) throws IOException {
    this.http = http;
    decode(http.getRequestURI().getRawQuery());
    if ("POST".equals(http.getRequestMethod()))
      decode(new String(http.getRequestBody().readNBytes(65536), StandardCharsets.UTF_8));
  }

  private void decode(String pairs) {
    if (pairs == null || pairs.isBlank()) return;
    for (String pair : pairs.split("&")) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2)
        parameters.put(
            URLDecoder.decode(parts[0], StandardCharsets.UTF_8), URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
  }

  boolean isPost() {
    return "POST".equals(http.getRequestMethod());
  }

  String path() {
    return http.getRequestURI().getPath();
  }

  String query() {
    return http.getRequestURI().getRawQuery();
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** Name and password of the Authorization header, or null. */
  Basic basic() {
    String header = http.getRequestHeaders().getFirst("Authorization");
    if (header == null || !header.startsWith("Basic ")) return null;
    String[] parts = new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8).split(":", 2);
    return parts.length == 2 ? new Basic(parts[0], parts[1]) : null;
  }

  String bearer() {
    String header = http.getRequestHeaders().getFirst("Authorization");
    return header != null && header.startsWith("Bearer ") ? header.substring(7) : parameter("access_token");
  }

  String cookie(String name) {
    for (String header : http.getRequestHeaders().getOrDefault("Cookie", java.util.List.of()))
      for (String cookie : header.split(";"))
        if (cookie.strip().startsWith(name + "=")) return cookie.strip().substring(name.length() + 1);
    return "";
  }

  void setCookie(String name, String value) {
    http.getResponseHeaders().add("Set-Cookie", name + "=" + value + "; Path=/; Secure; HttpOnly");
  }

  void redirect(String where) throws IOException {
    http.getResponseHeaders().set("Location", where);
    http.sendResponseHeaders(302, -1);
  }

  void json(int status, Object value) throws IOException {
    http.getResponseHeaders().set("Cache-Control", "no-store");
    reply(status, "application/json", Json.write(value));
  }

  void reply(int status, String type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    http.getResponseHeaders().set("Content-Type", type);
    http.sendResponseHeaders(status, bytes.length);
    http.getResponseBody().write(bytes);
  }
}
