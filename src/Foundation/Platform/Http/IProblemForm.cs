using System.Text.Json;

namespace Quoin.Platform;

/// <summary>
/// Endpoint metadata: problems are written in another protocol's shape, for clients that know no other. Headers stay, and
/// so does the status where the form knows no other; what goes wrong before the endpoint is reached, in the gate or the
/// pipeline, is written so too.
/// </summary>
public interface IProblemForm
{
    /// <summary>The media type of such answers.</summary>
    string MediaType { get; }

    /// <summary>The status that the protocol's clients expect of a problem.</summary>
    int StatusOf(ProblemCode code) => code.Status;

    /// <summary>Writes the body.</summary>
    /// <param name="writer">Takes the JSON.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="requestId">Names the request in our logs.</param>
    void Write(Utf8JsonWriter writer, Problem problem, string requestId);
}
