using System.Text;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Messages of <c>application/vnd.amazon.eventstream</c>. The bytes are the test vectors that AWS publishes with its SDKs
/// (aws-sdk-go-v2, aws/protocol/eventstream/testdata).
/// </summary>
public sealed class ReadingAwsEventStreams
{
    private const string Empty = "000000100000000005c248eb7d98c8ff";
    private const string NoHeaders = "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936";

    private const string OneHeader =
        "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1";

    private const string NumberHeader = "0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f480a0";

    [Fact]
    public void The_published_messages_are_read()
    {
        Read(Empty).ShouldBe([("", "")]);
        Read(NoHeaders).ShouldBe([("", "{'foo':'bar'}")]);
        Read(OneHeader).ShouldBe([("content-type=application/json", "{'foo':'bar'}")]);
        Read(NumberHeader).ShouldBe([("", "{'foo':'bar'}")]);
    }

    [Fact]
    public void Messages_are_found_wherever_the_network_cut_them()
    {
        var bytes = Convert.FromHexString(OneHeader + Empty + NoHeaders);
        for (var piece = 1; piece < bytes.Length; piece += 7)
        {
            Read(bytes, piece).Count.ShouldBe(3);
        }
    }

    [Fact]
    public void Half_a_message_is_none_yet()
    {
        using var stream = new AwsEventStream();
        Fill(stream, Convert.FromHexString(OneHeader).AsSpan(0, 40));

        stream.TryRead(out _).ShouldBeFalse();
        stream.HasRest.ShouldBeTrue();
    }

    [Theory]
    [InlineData(3, "prelude")]
    [InlineData(7, "prelude")]
    [InlineData(20, "message")]
    [InlineData(50, "message")]
    public void A_message_whose_checksum_is_wrong_is_refused(int at, string which)
    {
        var bytes = Convert.FromHexString(OneHeader);
        bytes[at] ^= 1;

        Should.Throw<InvalidDataException>(() => Read(bytes, bytes.Length)).Message.ShouldContain(which);
    }

    [Fact]
    public void The_checksum_is_that_of_zip_files() =>
        AwsEventStream.Crc32("123456789"u8).ShouldBe(0xCBF43926);

    private static List<(string Headers, string Payload)> Read(string hex) => Read(Convert.FromHexString(hex), int.MaxValue);

    private static List<(string Headers, string Payload)> Read(byte[] bytes, int piece)
    {
        using var stream = new AwsEventStream();
        var found = new List<(string, string)>();
        for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length - at))
        {
            Fill(stream, bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            while (stream.TryRead(out var message))
            {
                found.Add((
                    string.Join(',', message.Headers.Select(header => $"{header.Key}={header.Value}")),
                    Encoding.UTF8.GetString(message.Payload.Span)));
            }
        }

        return found;
    }

    private static void Fill(AwsEventStream stream, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(stream.Free().Span);
        stream.Filled(bytes.Length);
    }
}
