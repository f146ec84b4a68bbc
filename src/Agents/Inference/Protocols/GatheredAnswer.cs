using System.Text;

namespace Quoin.Inference.Internal;

/// <summary>A piece of a whole answer.</summary>
internal enum PieceKind
{
    Text,
    Reasoning,
    ToolCall,
}

/// <summary>One piece of an answer: text, a thought or a call, with what was said of it so far.</summary>
internal sealed record Piece(PieceKind Kind, string? Id = null, string? Name = null)
{
    /// <summary>The text, or the call's arguments as JSON.</summary>
    public StringBuilder Value { get; } = new();

    public string? Signature { get; set; }
}

/// <summary>Gathers an answer until it is whole: what plain answers are written from, and what streams repeat at their end.</summary>
internal sealed class GatheredAnswer
{
    private readonly List<Piece> pieces = [];

    public string Id { get; private set; } = "";

    public string Model { get; private set; } = "";

    public ModelUsage Usage { get; set; }

    public FinishReason Reason { get; private set; }

    public string? StopSequence { get; private set; }

    public IReadOnlyList<Piece> Pieces => pieces;

    public void Begin(string id, string model, ModelUsage usage) => (Id, Model, Usage) = (id, model, usage);

    public void Finish(FinishReason reason, string? stopSequence) => (Reason, StopSequence) = (reason, stopSequence);

    /// <summary>The piece to go on with: the last one if it is of the kind, else a new one.</summary>
    public Piece Open(PieceKind kind, out bool isNew)
    {
        isNew = pieces.Count == 0 || pieces[^1].Kind != kind || kind == PieceKind.ToolCall;
        if (isNew)
        {
            pieces.Add(new Piece(kind));
        }

        return pieces[^1];
    }

    public Piece OpenCall(string id, string name)
    {
        pieces.Add(new Piece(PieceKind.ToolCall, id, name));
        return pieces[^1];
    }

    /// <summary>The piece that was begun last; null before the first.</summary>
    public Piece? Last => pieces.Count == 0 ? null : pieces[^1];

    public string TextOf(PieceKind kind) =>
        string.Concat(pieces.Where(piece => piece.Kind == kind).Select(piece => piece.Value.ToString()));
}
