import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** OpenID Connect's code flow for people and clients of the directory. */
final class OxAuth implements Service.Application {
  private final Directory directory;
  private final OxAuthConfiguration configuration;
  private final Cache cache;
  private final Tokens tokens;

  OxAuth(Directory directory) throws Exception {
    this.directory = directory;
    configuration = new OxAuthConfiguration(directory);
    cache = Cache.fromConfiguration(configuration.cache(), directory.salt);
    tokens = new Tokens(directory, configuration, cache);
    configuration.watch();
  }

  @Override
  public void answer(Exchange exchange) throws Exception {
    switch (exchange.path()) {
      case "/oxauth/.well-known/openid-configuration" -> exchange.json(200, configuration.discovery());
      case "/oxauth/restv1/jwks" -> exchange.json(200, configuration.webKeys());
      case "/oxauth/restv1/authorize" -> authorize(exchange);
      case "/oxauth/login" -> logIn(exchange);
      case "/oxauth/restv1/token" -> token(exchange);
      case "/oxauth/restv1/userinfo" -> userInfo(exchange);
      default -> exchange.json(404, Map.of("error", "not_found"));
    }
  }

  private void authorize(Exchange exchange) throws Exception {
    Map<String, String> client = client(exchange.parameter("client_id"));
    String redirect = exchange.parameter("redirect_uri");
    if (client == null) {
      exchange.json(400, Map.of("error", "unauthorized_client"));
      return;
    }
    if (!Arrays.asList(client.getOrDefault("oxauthredirecturi", "").split("\n")).contains(redirect)) {
      exchange.json(400, Map.of("error", "invalid_request_redirect_uri"));
      return;
    }
    String session = session(exchange);
    if (session == null) {
      exchange.redirect(configuration.text("issuer") + "/oxauth/login?" + exchange.query());
      return;
    }
    Map<String, Object> grant =
        Map.of(
            "client", exchange.parameter("client_id"),
            "redirect", redirect,
            "user", Json.readObject(cache.get("session_" + session)).get("user"),
            "scope", exchange.parameter("scope"),
            "nonce", exchange.parameter("nonce"));
    String code = Tokens.random();
    cache.put("code_" + code, Json.write(grant), 60);
    String state = URLEncoder.encode(exchange.parameter("state"), StandardCharsets.UTF_8);
    exchange.redirect(redirect + (redirect.contains("?") ? "&" : "?") + "code=" + code + "&state=" + state);
  }

  /** The session that a cookie names, or a new one for whoever sends a right password along; null for a stranger. */
  private String session(Exchange exchange) throws Exception {
    Exchange.Basic basic = exchange.basic();
    if (basic != null) return newSession(exchange, basic.name(), basic.password());
    String session = exchange.cookie("session_id");
    return session.matches("[\\w-]{20,}") && cache.get("session_" + session) != null ? session : null;
  }

  private String newSession(Exchange exchange, String user, String password) throws Exception {
    Map<String, String> person = directory.find(configuration.base("people"), "(uid={0})", user);
    if (person == null || !directory.isPassword(configuration.loginServers(), person.get("dn"), password)) return null;
    String session = Tokens.random();
    cache.put("session_" + session, Json.write(Map.of("user", person.get("inum"), "name", user)), 86400);
    exchange.setCookie("session_id", session);
    return session;
  }

  private void logIn(Exchange exchange) throws Exception {
    if (exchange.isPost()
        && newSession(exchange, exchange.parameter("username"), exchange.parameter("password")) != null) {
      exchange.redirect(configuration.text("authorizationEndpoint") + "?" + exchange.query());
      return;
    }
    String fields = "<input name=username> <input name=password type=password> <button>Log in</button>";
    exchange.reply(exchange.isPost() ? 401 : 200, "text/html", "<!doctype html><title>Log in</title><form method=post>" + fields + "</form>");
  }

  private void token(Exchange exchange) throws Exception {
    Exchange.Basic basic = exchange.basic();
    String id = basic == null ? exchange.parameter("client_id") : basic.name();
    String secret = basic == null ? exchange.parameter("client_secret") : basic.password();
    Map<String, String> client = client(id);
    if (client == null || !secret.equals(directory.salt.decode(client.get("oxauthclientsecret")))) {
      exchange.json(401, Map.of("error", "invalid_client"));
      return;
    }
    String kept = "authorization_code".equals(exchange.parameter("grant_type")) ? tokens.redeem(exchange.parameter("code")) : null;
    Map<String, Object> grant = kept == null ? Map.of() : Json.readObject(kept);
    if (!id.equals(grant.get("client")) || !exchange.parameter("redirect_uri").equals(grant.get("redirect"))) {
      exchange.json(400, Map.of("error", "invalid_grant"));
      return;
    }
    exchange.json(200, tokens.issue(client, grant));
  }

  private void userInfo(Exchange exchange) throws IOException, Exception {
    String user = tokens.userOf(exchange.bearer());
    if (user == null) exchange.json(401, Map.of("error", "invalid_token"));
    else exchange.json(200, Map.of("sub", user));
  }

  private Map<String, String> client(String id) throws Exception {
    return id.isEmpty() ? null : directory.find(configuration.base("clients"), "(&(objectClass=oxAuthClient)(inum={0}))", id);
  }
}
