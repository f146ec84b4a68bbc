using System.Text;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

public sealed class ReadingEventStreams
{
    [Theory]
    [InlineData("event: a\ndata: 1\n\ndata: 2\n\n", "a|1", "|2")]
    [InlineData("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", "a|1", "|2")]
    [InlineData("event: a\rdata: 1\r\rdata: 2\r\r\n", "a|1", "|2")]
    [InlineData("data:no space\n\ndata:  two spaces\n\n", "|no space", "| two spaces")]
    [InlineData("data: one\ndata: two\ndata\n\n", "|one\ntwo\n")]
    [InlineData(": a comment\n\ndata: x\n\n", "|", "|x")]
    [InlineData("id: 7\nretry: 10\nevent: a\n\n", "a|")]
    [InlineData("data: whole\n\ndata: cut off\n", "|whole")]
    public void Finds_the_same_events_however_the_bytes_are_cut(string stream, params string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);

        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            string.Join("\n-\n", Read(bytes, piece)).ShouldBe(string.Join("\n-\n", expected), $"in pieces of {piece}");
        }
    }

    [Fact]
    public void Passes_over_a_byte_order_mark()
    {
        Read([0xEF, 0xBB, 0xBF, .. "data: x\n\n"u8], 1).ShouldBe(["|x"]);
    }

    [Fact]
    public void Keeps_the_bytes_of_an_event_as_they_came()
    {
        const string stream = "event: a\r\ndata: {\"x\": 1}\r\nunknown: y\r\n\r\n";
        using var reader = new SseReader();
        Put(reader, Encoding.UTF8.GetBytes(stream + "data: next\n\n"));

        reader.TryRead(out var first).ShouldBeTrue();

        Encoding.UTF8.GetString(first.Raw.Span).ShouldBe(stream);
    }

    [Fact]
    public void Grows_for_an_event_that_is_larger_than_its_memory()
    {
        var text = new string('x', 100_000);

        Read(Encoding.UTF8.GetBytes($"data: small\n\ndata: {text}\n\ndata: small\n\n"), 1_000)
            .ShouldBe(["|small", $"|{text}", "|small"]);
    }

    [Fact]
    public void Ends_at_an_event_without_end()
    {
        using var reader = new SseReader();
        var piece = new byte[1024 * 1024];
        Array.Fill(piece, (byte)'x');

        Should.Throw<InvalidDataException>(() =>
        {
            for (var sent = 0; sent <= 2 * Limits.EventBytesMax; sent += piece.Length)
            {
                Put(reader, piece);
                reader.TryRead(out _).ShouldBeFalse();
            }
        });
    }

    private static List<string> Read(ReadOnlySpan<byte> bytes, int piece)
    {
        var events = new List<string>();
        using var reader = new SseReader();
        while (bytes.Length > 0)
        {
            Put(reader, bytes[..Math.Min(piece, bytes.Length)]);
            bytes = bytes[Math.Min(piece, bytes.Length)..];
            while (reader.TryRead(out var one))
            {
                events.Add($"{Encoding.UTF8.GetString(one.Name.Span)}|{Encoding.UTF8.GetString(one.Data.Span)}");
            }
        }

        return events;
    }

    private static void Put(SseReader reader, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var free = reader.Free().Span;
            var length = Math.Min(free.Length, bytes.Length);
            bytes[..length].CopyTo(free);
            reader.Filled(length);
            bytes = bytes[length..];
        }
    }
}
