using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// Asks a DNS server for TXT records over UDP (RFC 1035): one question, one answer, a random id and port against forged
/// ones. Answers that do not fit a datagram of 4,096 bytes (EDNS, RFC 6891) count as none.
/// </summary>
/// <param name="server">The server; null takes the first one of <c>/etc/resolv.conf</c>.</param>
public sealed class DnsTxtRecords(IPEndPoint? server) : ITxtRecords
{
    private const ushort Txt = 16;
    private const ushort Opt = 41;
    private const int DatagramBytesMax = 4_096;
    private const int HeaderBytes = 12;
    private const int AttemptsMax = 2;

    // A resolver near by answers in milliseconds; one that has to ask around, in a second or two.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> Of(string name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                return await Ask(server ?? FirstServer(), name, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // No answer in time: asked once more, then there are no records.
            }
            catch (SocketException)
            {
                // Nobody listens there: as good as no answer.
            }
        }

        return [];
    }

    private static async Task<IReadOnlyList<string>> Ask(IPEndPoint to, string name, CancellationToken cancellationToken)
    {
        var question = Question(name);
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(to, cancellationToken);
        await socket.SendAsync(question, cancellationToken);
        var buffer = new byte[DatagramBytesMax];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received >= HeaderBytes && buffer.AsSpan(0, 2).SequenceEqual(question.AsSpan(0, 2)))
            {
                return Answers(buffer.AsSpan(0, received));
            }
        }
    }

    private static byte[] Question(string name)
    {
        using var content = new MemoryStream();
        content.Write(RandomNumberGenerator.GetBytes(2));

        // Recursion desired; one question, one additional record.
        content.Write([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
        foreach (var label in name.Split('.'))
        {
            var bytes = Encoding.ASCII.GetBytes(label);
            content.WriteByte((byte)bytes.Length);
            content.Write(bytes);
        }

        content.Write([0, 0, (byte)Txt, 0, 1]);
        content.Write([0, 0, (byte)Opt, DatagramBytesMax >> 8, DatagramBytesMax & 0xff, 0, 0, 0, 0, 0, 0]);
        return content.ToArray();
    }

    private static List<string> Answers(ReadOnlySpan<byte> message)
    {
        var found = new List<string>();
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var at = HeaderBytes;
        for (var question = 0; question < questions; question++)
        {
            at = AfterName(message, at) + 4;
        }

        for (var answer = 0; answer < answers && at + 10 < message.Length; answer++)
        {
            at = AfterName(message, at);
            if (at + 10 > message.Length)
            {
                break;
            }

            var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (type == Txt && at + length <= message.Length)
            {
                found.Add(Text(message.Slice(at, length)));
            }

            at += length;
        }

        return found;
    }

    // A record's text comes in parts of at most 255 bytes, each after its length; together they are one text.
    private static string Text(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        var at = 0;
        while (at < data.Length)
        {
            var length = Math.Min(data[at], data.Length - at - 1);
            text.Append(Encoding.ASCII.GetString(data.Slice(at + 1, length)));
            at += length + 1;
        }

        return text.ToString();
    }

    // A name ends with an empty label, or with a pointer of two bytes to where the rest stands.
    private static int AfterName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length && message[at] != 0)
        {
            if ((message[at] & 0xc0) == 0xc0)
            {
                return at + 2;
            }

            at += message[at] + 1;
        }

        return at + 1;
    }

    private static IPEndPoint FirstServer()
    {
        const string File = "/etc/resolv.conf";
        var lines = System.IO.File.Exists(File) ? System.IO.File.ReadAllLines(File) : [];
        foreach (var line in lines)
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var ip))
            {
                return new IPEndPoint(ip, 53);
            }
        }

        return new IPEndPoint(IPAddress.Loopback, 53);
    }
}
