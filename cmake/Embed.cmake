# vigie_embed(OUT HEADER NAMESPACE STRUCT FUNCTION NAME|NAME_WE FILE…): OUT is a source file that holds the files as a table.
# HEADER declares `STRUCT { std::string_view name, text; }` (or alike) and `std::span<const STRUCT> FUNCTION()`.
function(vigie_embed out header namespace struct function name)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${ARGN}" -DNAME=${name} -DHEADER=${header} -DNAMESPACE=${namespace} -DSTRUCT=${struct}
      -DFUNCTION=${function} -DOUT=${out} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    VERBATIM)
endfunction()
