using System.Text;
using System.Text.Json.Nodes;

namespace Quoin.StripeSimulator.Internal;

/// <summary>
/// The state on disk: one JSON line a change, appended as calls end. A start reads it and writes it anew with what is
/// left, so that it grows by what happens and not by what happened. A last line cut off by a crash is dropped.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream file;

    private Journal(FileStream file) => this.file = file;

    /// <summary>The lines of an earlier life; none when there was none.</summary>
    public static IEnumerable<JsonObject> Read(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (var line in File.ReadLines(path))
        {
            if (TryRead(line) is { } change)
            {
                yield return change;
            }
        }
    }

    /// <summary>Begins a journal with what there is; the old one is replaced at once or not at all.</summary>
    public static Journal Begin(string path, IEnumerable<JsonObject> snapshot)
    {
        var fresh = path + ".new";
        File.WriteAllLines(fresh, snapshot.Select(Json.WriteLine));
        File.Move(fresh, path, overwrite: true);
        return new Journal(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read));
    }

    /// <summary>Adds changes; they are with the operating system when this returns.</summary>
    public void Append(IEnumerable<JsonObject> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            text.Append(Json.WriteLine(change)).Append('\n');
        }

        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        file.Flush();
    }

    /// <inheritdoc />
    public void Dispose() => file.Dispose();

    private static JsonObject? TryRead(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
