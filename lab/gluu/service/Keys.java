import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The private keys of oxauth-keys.jks, as they were when the service started: a store that changes later is not seen. */
final class Keys {
  private final Map<String, Key> keys = new HashMap<>();

  Keys(Path file, String secret) throws Exception {
    KeyStore store = KeyStore.getInstance("JKS");
    try (var stream = Files.newInputStream(file)) {
      store.load(stream, secret.toCharArray());
    }
    for (String alias : Collections.list(store.aliases())) {
      Key key = store.getKey(alias, secret.toCharArray());
      // A store of this kind keeps names in lower case.
      if (key != null) keys.put(alias.toLowerCase(), key);
    }
  }

  /**
   * A JWT signed by the first published key of an algorithm.
   * @throws IllegalStateException where that key is not in the store that was read at the start
   */
  String sign(List<Map<String, Object>> published, String algorithm, Map<String, Object> claims) throws Exception {
    Map<String, Object> key =
        published.stream()
            .filter(each -> algorithm.equals(each.get("alg")))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no key of " + algorithm + " is published"));
    Object kid = key.get("kid");
    PrivateKey secret = (PrivateKey) keys.get(kid.toString().toLowerCase());
    if (secret == null) throw new IllegalStateException("the key store has no key " + kid);
    String head = Json.write(Map.of("alg", algorithm, "typ", "JWT", "kid", kid));
    String signed = base64(head.getBytes(StandardCharsets.UTF_8)) + "." + base64(Json.write(claims).getBytes(StandardCharsets.UTF_8));
    Signature signature = Signature.getInstance(javaName(algorithm));
    signature.initSign(secret);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + base64(signature.sign());
  }

  /** RS256 is SHA256withRSA, ES384 is SHA384withECDSA in the form that JWTs have. */
  private static String javaName(String algorithm) {
    String digest = "SHA" + algorithm.substring(2);
    return algorithm.startsWith("RS") ? digest + "withRSA" : digest + "withECDSAinP1363Format";
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
