import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * A small stand-in for one of Gluu's web applications: `java -jar stand-in.jar NAME PORT`. It reads what it needs from the
 * directory once, at its start; where that fails it runs on and answers 503, as a web application that did not deploy.
 */
public final class Service {
  /** What one application answers to. */
  interface Application {
    void answer(Exchange exchange) throws Exception;
  }

  static final Path CONFIGURATION = Path.of("/etc/gluu/conf");

  public static void main(String[] arguments) throws Exception {
    String name = arguments[0];
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1]));
    Application application = start(name);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/", http -> serve(name, application, http));
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    log("INFO", name + " answers on port " + address.getPort());
  }

  private static Application start(String name) {
    try {
      return application(name);
    } catch (Exception failed) {
      log("ERROR", name + " does not start: " + failed);
      return exchange -> exchange.reply(503, "text/plain", name + " did not start; its log says why\n");
    }
  }

  private static Application application(String name) throws Exception {
    Directory directory = new Directory(CONFIGURATION);
    switch (name) {
      case "oxauth": return new OxAuth(directory);
      case "identity": return Applications.identity(directory);
      case "idp": return Applications.idp(directory);
      case "passport": return Applications.passport(directory);
      default: throw new IllegalArgumentException("there is no service " + name);
    }
  }

  private static void serve(String name, Application application, HttpExchange http) throws IOException {
    try (http) {
      application.answer(new Exchange(http));
    } catch (Exception failed) {
      log("ERROR", name + " " + http.getRequestURI().getPath() + ": " + failed);
      if (http.getResponseCode() == -1) new Exchange(http).json(500, Map.of("error", "server_error"));
    }
  }

  static void log(String level, String line) {
    System.out.println(LocalDateTime.now().toString().replace('T', ' ') + " " + level + " " + line);
  }
}
