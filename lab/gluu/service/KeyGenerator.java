import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints the public keys of a key store as the JSON that oxAuthConfWebKeys holds: `java -cp stand-in.jar KeyGenerator
 * STORE`, with the store's password on stdin. An alias is `<uuid>_<algorithm>`, as the real generator names keys.
 */
final class KeyGenerator {
  private KeyGenerator() {}

  public static void main(String[] arguments) throws Exception {
    char[] password = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip().toCharArray();
    KeyStore store = KeyStore.getInstance("JKS");
    try (var stream = Files.newInputStream(Path.of(arguments[0]))) {
      store.load(stream, password);
    }
    List<Object> keys = new ArrayList<>();
    for (String alias : Collections.list(store.aliases()).stream().sorted().toList())
      keys.add(webKey(alias, (X509Certificate) store.getCertificate(alias)));
    System.out.println(Json.write(Map.of("keys", keys)));
  }

  private static Map<String, Object> webKey(String alias, X509Certificate certificate) throws Exception {
    String algorithm = alias.substring(alias.lastIndexOf('_') + 1).toUpperCase();
    Map<String, Object> key = new LinkedHashMap<>();
    key.put("kid", alias);
    key.put("use", "sig");
    key.put("alg", algorithm);
    key.put("exp", certificate.getNotAfter().getTime());
    if (certificate.getPublicKey() instanceof RSAPublicKey rsa) {
      key.put("kty", "RSA");
      key.put("n", number(rsa.getModulus(), 0));
      key.put("e", number(rsa.getPublicExponent(), 0));
    } else if (certificate.getPublicKey() instanceof ECPublicKey curve) {
      int bits = curve.getParams().getCurve().getField().getFieldSize();
      key.put("kty", "EC");
      key.put("crv", "P-" + bits);
      key.put("x", number(curve.getW().getAffineX(), (bits + 7) / 8));
      key.put("y", number(curve.getW().getAffineY(), (bits + 7) / 8));
    }
    key.put("x5c", List.of(Base64.getEncoder().encodeToString(certificate.getEncoded())));
    return key;
  }

  /** Big-endian without a sign; filled with zeros to a length where one is wanted. */
  private static String number(BigInteger number, int length) {
    byte[] bytes = number.toByteArray();
    int skip = bytes[0] == 0 && bytes.length > 1 ? 1 : 0;
    int size = Math.max(length, bytes.length - skip);
    byte[] filled = new byte[size];
    System.arraycopy(bytes, skip, filled, size - (bytes.length - skip), bytes.length - skip);
    return Keys.base64(filled);
  }
}
