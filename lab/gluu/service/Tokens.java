import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Codes in the cache become tokens in the directory, beneath their client, where they stay until they are cleaned up. */
final class Tokens {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Directory directory;
  private final OxAuthConfiguration configuration;
  private final Cache cache;

  Tokens(Directory directory, OxAuthConfiguration configuration, Cache cache) {
    this.directory = directory;
    this.configuration = configuration;
    this.cache = cache;
  }

  static String random() {
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    return Keys.base64(bytes);
  }

  /** What was kept with a code, which is good once; null where there is none. */
  String redeem(String code) throws Exception {
    String kept = cache.get("code_" + code);
    cache.remove("code_" + code);
    return kept;
  }

  Map<String, Object> issue(Map<String, String> client, Map<String, Object> grant) throws Exception {
    Instant now = Instant.now();
    long seconds = Long.parseLong(configuration.text("accessTokenLifetime"));
    String access = random();
    keep(client, grant, access, now, now.plusSeconds(seconds));
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", configuration.text("issuer"));
    claims.put("aud", grant.get("client"));
    claims.put("sub", grant.get("user"));
    claims.put("nonce", grant.get("nonce"));
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.getEpochSecond() + Long.parseLong(configuration.text("idTokenLifetime")));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("access_token", access);
    answer.put("token_type", "bearer");
    answer.put("expires_in", seconds);
    answer.put("id_token", configuration.sign(claims));
    return answer;
  }

  private void keep(Map<String, String> client, Map<String, Object> grant, String access, Instant now, Instant end)
      throws Exception {
    String grantId = random();
    String grantName = "oxAuthGrantId=" + grantId + "," + client.get("dn");
    directory.add(
        grantName,
        Map.of("objectClass", "oxAuthGrant", "oxAuthGrantId", grantId, "oxAuthCreation", TIME.format(now)));
    String hash = hash(access);
    directory.add(
        "uniqueIdentifier=" + hash + "," + grantName,
        Map.of(
            "objectClass", "oxAuthToken",
            "uniqueIdentifier", hash,
            "oxAuthGrantId", grantId,
            "oxAuthTokenCode", hash,
            "oxAuthTokenType", "access_token",
            "oxAuthUserId", grant.get("user").toString(),
            "oxAuthCreation", TIME.format(now),
            "oxAuthExpiration", TIME.format(end)));
  }

  /** Whose access token this is, or null where it is none that is still good. */
  String userOf(String access) throws Exception {
    Map<String, String> token = directory.find(configuration.base("clients"), "(oxAuthTokenCode={0})", hash(access));
    if (token == null || token.get("oxauthexpiration").compareTo(TIME.format(Instant.now())) < 0) return null;
    return token.get("oxauthuserid");
  }

  private static String hash(String token) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
  }
}
