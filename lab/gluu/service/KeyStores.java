import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * Puts keys and certificates into key stores, many at once, for setup.py: keytool would take half a second for each. A line
 * of stdin is `STORE TYPE PASSWORD ALIAS CERTIFICATE [KEY]`, parted by tabs; files are PEM. A store that is not there is made.
 */
final class KeyStores {
  private KeyStores() {}

  public static void main(String[] arguments) throws Exception {
    String lines = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    for (String line : lines.lines().toList()) put(line.split("\t"));
  }

  private static void put(String[] fields) throws Exception {
    Path file = Path.of(fields[0]);
    char[] password = fields[2].toCharArray();
    KeyStore store = KeyStore.getInstance(fields[1]);
    if (Files.exists(file)) {
      try (var stream = Files.newInputStream(file)) {
        store.load(stream, password);
      }
    } else store.load(null, null);
    Certificate certificate = certificate(Path.of(fields[4]));
    if (fields.length == 5) store.setCertificateEntry(fields[3], certificate);
    else {
      var key = new PKCS8EncodedKeySpec(pem(Path.of(fields[5])));
      var secret = KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm()).generatePrivate(key);
      store.setKeyEntry(fields[3], secret, password, new Certificate[] {certificate});
    }
    try (var stream = Files.newOutputStream(file)) {
      store.store(stream, password);
    }
  }

  private static Certificate certificate(Path file) throws Exception {
    try (var stream = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(stream);
    }
  }

  private static byte[] pem(Path file) throws Exception {
    String text = Files.readString(file).replaceAll("-----[^-]+-----", "");
    return Base64.getMimeDecoder().decode(text);
  }
}
