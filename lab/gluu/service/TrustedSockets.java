import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;

/** Sockets to the directory. The library that speaks LDAP makes its own instances, so the trust is kept for all of them. */
public final class TrustedSockets extends SocketFactory {
  private static volatile SocketFactory sockets;

  static void trust(SSLContext context) {
    sockets = context.getSocketFactory();
  }

  /** The library asks for this by name. */
  public static SocketFactory getDefault() {
    return new TrustedSockets();
  }

  @Override
  public Socket createSocket() throws IOException {
    return sockets.createSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return sockets.createSocket(host, port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
    return sockets.createSocket(host, port, local, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return sockets.createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
    return sockets.createSocket(host, port, local, localPort);
  }
}
