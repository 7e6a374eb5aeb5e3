import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Properties;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** The way in which Gluu 3 hides passwords in files and entries: triple DES by the 24 characters of the salt file. */
final class Salt {
  private final SecretKeySpec key;

  Salt(String salt) {
    key = new SecretKeySpec(salt.getBytes(StandardCharsets.UTF_8), "DESede");
  }

  static Salt fromFile(Path file) throws Exception {
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return new Salt(properties.getProperty("encodeSalt"));
  }

  String encode(String clear) throws Exception {
    byte[] bytes = cipher(Cipher.ENCRYPT_MODE).doFinal(clear.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(bytes);
  }

  String decode(String hidden) throws Exception {
    byte[] bytes = cipher(Cipher.DECRYPT_MODE).doFinal(Base64.getDecoder().decode(hidden));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Cipher cipher(int mode) throws Exception {
    Cipher cipher = Cipher.getInstance("DESede/ECB/PKCS5Padding");
    cipher.init(mode, key);
    return cipher;
  }

  /** Encodes each line of stdin, for setup.py: `java -cp stand-in.jar Salt SALT_FILE`. */
  public static void main(String[] arguments) throws Exception {
    Salt salt = fromFile(Path.of(arguments[0]));
    for (String line : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList())
      System.out.println(salt.encode(line));
  }
}
