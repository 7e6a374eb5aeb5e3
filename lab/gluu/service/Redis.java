import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Redis as a cache: one server, several among which keys are shared out, or the master that sentinels name. */
final class Redis implements Cache {
  private enum Kind { STANDALONE, SHARDED, SENTINEL }

  private final Kind kind;
  private final List<String> servers;
  private final String password;
  private final String master;

  private Redis(Kind kind, List<String> servers, String password, String master) {
    this.kind = kind;
    this.servers = servers;
    this.password = password;
    this.master = master;
  }

  /** @throws IOException where the cache does not answer: a service does not start without its cache */
  static Redis fromConfiguration(Map<String, Object> section, Salt salt) throws Exception {
    Kind kind = Kind.valueOf(String.valueOf(section.get("redisProviderType")));
    List<String> servers = Arrays.stream(text(section, "servers").split(",")).map(String::strip).toList();
    String hidden = text(section, "password");
    String password = hidden.isEmpty() ? text(section, "decryptedPassword") : salt.decode(hidden);
    Redis redis = new Redis(kind, servers, password, text(section, "sentinelMasterGroupName"));
    for (String server : kind == Kind.SHARDED ? servers : List.of(redis.serverOf(""))) redis.ask(server, "PING");
    return redis;
  }

  private static String text(Map<String, Object> section, String key) {
    Object value = section.get(key);
    return value == null ? "" : value.toString();
  }

  @Override
  public void put(String key, String value, int seconds) throws IOException {
    ask(serverOf(key), "SET", key, value, "EX", Integer.toString(seconds));
  }

  @Override
  public String get(String key) throws IOException {
    return ask(serverOf(key), "GET", key);
  }

  @Override
  public void remove(String key) throws IOException {
    ask(serverOf(key), "DEL", key);
  }

  private String serverOf(String key) throws IOException {
    switch (kind) {
      case SHARDED: return servers.get(Math.floorMod(key.hashCode(), servers.size()));
      case SENTINEL: return masterOf();
      default: return servers.get(0);
    }
  }

  private String masterOf() throws IOException {
    IOException last = new IOException("no sentinel is named");
    for (String sentinel : servers)
      try (Connection connection = new Connection(sentinel)) {
        return connection.ask("SENTINEL", "get-master-addr-by-name", master).replace('\n', ':');
      } catch (IOException failed) {
        last = failed;
      }
    throw last;
  }

  private String ask(String server, String... words) throws IOException {
    try (Connection connection = new Connection(server)) {
      if (!password.isEmpty()) connection.ask("AUTH", password);
      return connection.ask(words);
    }
  }

  /** One conversation in Redis' own protocol. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream answers;

    Connection(String server) throws IOException {
      int colon = server.lastIndexOf(':');
      socket.connect(new InetSocketAddress(server.substring(0, colon), Integer.parseInt(server.substring(colon + 1))), 2000);
      socket.setSoTimeout(5000);
      answers = new BufferedInputStream(socket.getInputStream());
    }

    /** The answer as text, the parts of a list in lines; null for nothing. */
    String ask(String... words) throws IOException {
      StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
      for (String word : words)
        request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n").append(word).append("\r\n");
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      return answer();
    }

    private String answer() throws IOException {
      String line = line();
      String rest = line.substring(1);
      switch (line.charAt(0)) {
        case '-': throw new IOException("redis refuses: " + rest);
        case '$': return bulk(Integer.parseInt(rest));
        case '*': return list(Integer.parseInt(rest));
        default: return rest;
      }
    }

    private String bulk(int length) throws IOException {
      if (length < 0) return null;
      byte[] bytes = answers.readNBytes(length);
      answers.skipNBytes(2);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private String list(int length) throws IOException {
      if (length < 0) throw new IOException("the sentinel does not know that master");
      String[] parts = new String[length];
      for (int index = 0; index < length; index++) parts[index] = answer();
      return String.join("\n", parts);
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int each = answers.read(); each != '\n'; each = answers.read()) {
        if (each < 0) throw new IOException("redis closed the connection");
        if (each != '\r') line.write(each);
      }
      if (line.size() == 0) throw new IOException("redis answers nothing");
      return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
